import { realpath, rm } from 'node:fs/promises'
import type { Bitfield } from '../base/bitfield.ts'
import { PieceGeometry } from '../torrent/piece-geometry.ts'
import { diskError } from './disk-error.ts'
import type { FetchStoreOptions } from './fetch-options.ts'
import type { FileStamp } from './file-stamp.ts'
import { requireFreeSpace } from './free-space.ts'
import { bulkWorkers, HashPool } from './hash-pool.ts'
import { makeFolder } from './make-folder.ts'
import { recoverDisplaced } from './placement.ts'
import { checkStaged, type ResumedPieces } from './resume-check.ts'
import { piecesIn } from './right-pieces.ts'
import { Selection } from './selection.ts'
import { StagedLayout } from './staged-layout.ts'
import { prepareStaging, type StagingPaths, stagingPaths } from './staging.ts'
import { findInPlace } from './target-check.ts'
import { TargetLock } from './target-lock.ts'

/** Everything that a fetch knows before its first piece. */
export interface FetchStart {
  readonly options: FetchStoreOptions
  readonly paths: StagingPaths
  readonly lock: TargetLock
  readonly geometry: PieceGeometry
  readonly selection: Selection
  readonly layout: StagedLayout
  readonly resumed: ResumedPieces
  /** The files of the target, when it holds the wanted content already. */
  readonly inPlace: readonly (FileStamp | undefined)[] | undefined
}

/** Takes the target's lock, cleans up after earlier runs, looks at target and staging, and checks that there is room. */
export async function startFetch(options: FetchStoreOptions): Promise<FetchStart> {
  const paths = stagingPaths(await makeOutDir(options.outDir), { name: options.targetName ?? options.info.name }, options.infoHash)
  const lock = await TargetLock.take(paths.lock, options.clock)
  const pool = new HashPool({ clock: options.clock, workers: bulkWorkers() })
  try {
    await recoverDisplaced(paths)
    return await lookAround(options, paths, lock, pool)
  } catch (error) {
    await lock.release()
    throw error
  } finally {
    await pool.close()
  }
}

async function makeOutDir(outDir: string): Promise<string> {
  try {
    await makeFolder(outDir)
    return await realpath(outDir)
  } catch (error) {
    throw diskError(error, 'use the directory', outDir)
  }
}

async function lookAround(options: FetchStoreOptions, paths: StagingPaths, lock: TargetLock, pool: HashPool): Promise<FetchStart> {
  const { info, infoHash, onCheck, signal, random, overwrite = false } = options
  const geometry = new PieceGeometry(info)
  const selection = new Selection(info, geometry, options.selected)
  const layout = new StagedLayout(info, geometry, selection, paths.dir)
  const common = { options, paths, lock, geometry, selection, layout }
  const check = { info, geometry, selection, pool, onProgress: onCheck, signal }
  const inPlace = await findInPlace({ ...check, target: paths.target, overwrite })
  if (inPlace !== undefined) {
    await rm(paths.dir, { recursive: true, force: true })
    return { ...common, resumed: { verified: selection.wanted.copy(), stamps: new Map(), how: 'nothing' }, inPlace }
  }
  let isNew = false
  try {
    await prepareStaging(paths, info, selection)
    const resumed = await checkStaged({ ...check, infoHash, layout, statePath: paths.state, random })
    isNew = resumed.how === 'nothing'
    await requireFreeSpace(paths.dir, selection.wantedBytes - bytesOf(geometry, resumed.verified))
    return { ...common, resumed, inPlace }
  } catch (error) {
    if (isNew) await rm(paths.dir, { recursive: true, force: true })
    throw error
  }
}

/** Bytes in a set of pieces. */
export function bytesOf(geometry: PieceGeometry, pieces: Bitfield): number {
  return piecesIn(pieces).reduce((sum, piece) => sum + geometry.pieceBytes(piece), 0)
}
