import { realpath, rm } from 'node:fs/promises'
import type { Bitfield } from '../base/bitfield.ts'
import { PieceGeometry } from '../torrent/piece-geometry.ts'
import { diskError } from './disk-error.ts'
import { ExpectedDigests } from './expected-digests.ts'
import type { FetchStoreOptions } from './fetch-options.ts'
import type { FileStamp } from './file-stamp.ts'
import { requireFreeSpace } from './free-space.ts'
import { bulkWorkers, HashPool } from './hash-pool.ts'
import { makeFolder } from './make-folder.ts'
import { recoverDisplaced } from './placement.ts'
import { checkStaged, type ResumedPieces } from './resume-check.ts'
import { findReusablePieces } from './reuse/reusable-pieces.ts'
import { reusePieces } from './reuse/reuse-pieces.ts'
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
  readonly expected: ExpectedDigests
  readonly selection: Selection
  readonly layout: StagedLayout
  readonly resumed: ResumedPieces
  /** Files into which pieces were copied from elsewhere, by number. */
  readonly reusedFiles: readonly number[]
  /** The files of the target, when it holds the wanted content already. */
  readonly inPlace: readonly (FileStamp | undefined)[] | undefined
}

/** What a fetch would find, if it began now. */
export interface FetchOutlook {
  /** Bytes of wanted pieces that are on this host already, and right. */
  readonly hereBytes: number
  /** Bytes of those that are not. */
  readonly missingBytes: number
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

/** Looks at everything that `startFetch` looks at, and writes nothing. Throws TARGET_DIFFERS, PATH_REFUSED, DISK_FAILED, or the signal's reason. */
export async function surveyFetch(options: FetchStoreOptions): Promise<FetchOutlook> {
  const { info, infoHash, onCheck, signal, random, overwrite = false, outDir } = options
  const realOutDir = await realpath(outDir).catch(() => outDir)
  const paths = stagingPaths(realOutDir, { name: options.targetName ?? info.name }, infoHash)
  const { geometry, expected, selection, layout } = planOf(options, paths)
  const pool = new HashPool({ clock: options.clock, workers: bulkWorkers() })
  try {
    const check = { info, geometry, expected, selection, pool, onProgress: onCheck, signal }
    const { wantedBytes } = selection
    const inPlace = await findInPlace({ ...check, target: paths.target, overwrite })
    if (inPlace !== undefined) return { hereBytes: wantedBytes, missingBytes: 0 }
    const staged = { ...check, infoHash, layout, statePath: paths.state, random }
    const { verified, stamps } = await checkStaged(staged)
    const found = await findReusablePieces({ ...staged, verified, present: new Set(stamps.keys()), roots: rootsOf(options, paths) })
    const hereBytes = bytesOf(geometry, verified) + bytesOf(geometry, found.pieces)
    return { hereBytes, missingBytes: wantedBytes - hereBytes }
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
  const { info, infoHash, onCheck, signal, random, overwrite = false, mayLink = false } = options
  const plan = planOf(options, paths)
  const { geometry, expected, selection, layout } = plan
  const common = { options, paths, lock, ...plan }
  const check = { info, geometry, expected, selection, pool, onProgress: onCheck, signal }
  const inPlace = await findInPlace({ ...check, target: paths.target, overwrite })
  if (inPlace !== undefined) {
    await rm(paths.dir, { recursive: true, force: true })
    return { ...common, resumed: { verified: selection.wanted.copy(), stamps: new Map(), how: 'nothing' }, reusedFiles: [], inPlace }
  }
  let isNew = false
  try {
    await prepareStaging(paths, info, selection)
    const staged = { ...check, infoHash, layout, statePath: paths.state, random }
    const resumed = await checkStaged(staged)
    isNew = resumed.how === 'nothing'
    const present = new Set(resumed.stamps.keys())
    const found = await findReusablePieces({ ...staged, verified: resumed.verified, present, roots: rootsOf(options, paths) })
    const reused = await reusePieces({ info, geometry, layout, content: paths.content, mayLink, signal }, found)
    for (const piece of reused.pieces.members()) resumed.verified.add(piece)
    await requireFreeSpace(paths.dir, selection.wantedBytes - bytesOf(geometry, resumed.verified))
    const stamps = new Map([...resumed.stamps, ...reused.stamps])
    return { ...common, resumed: { ...resumed, stamps }, reusedFiles: [...reused.stamps.keys()], inPlace }
  } catch (error) {
    if (isNew) await rm(paths.dir, { recursive: true, force: true })
    throw error
  }
}

function planOf(options: FetchStoreOptions, paths: StagingPaths): Pick<FetchStart, 'geometry' | 'expected' | 'selection' | 'layout'> {
  const { info, trees } = options
  const geometry = new PieceGeometry(info)
  const selection = new Selection(info, geometry, options.selected)
  const layout = new StagedLayout(info, geometry, selection, paths.dir)
  return { geometry, expected: new ExpectedDigests(info, geometry, trees), selection, layout }
}

/** What stands at the target and is to be replaced is the version before, as a rule. */
function rootsOf({ reuse = [], overwrite = false }: FetchStoreOptions, { target }: StagingPaths): readonly string[] {
  return overwrite ? [...reuse, target] : reuse
}

/** Bytes in a set of pieces. */
export function bytesOf(geometry: PieceGeometry, pieces: Bitfield): number {
  return piecesIn(pieces).reduce((sum, piece) => sum + geometry.pieceBytes(piece), 0)
}
