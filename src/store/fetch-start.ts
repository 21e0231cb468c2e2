import { realpath, rm } from 'node:fs/promises'
import { sep } from 'node:path'
import type { Bitfield } from '../base/bitfield.ts'
import { PieceGeometry } from '../torrent/piece-geometry.ts'
import { diskError } from './disk-error.ts'
import { ExpectedDigests } from './expected-digests.ts'
import type { FetchStoreOptions } from './fetch-options.ts'
import type { FileStamp } from './file-stamp.ts'
import { requireFreeSpace } from './free-space.ts'
import { bulkWorkers, HashPool } from './hash-pool.ts'
import { keptSides } from './keep-sides.ts'
import { makeFolder } from './make-folder.ts'
import { recoverDisplaced } from './placement.ts'
import { checkStaged, type ResumeCheck, type ResumedPieces } from './resume-check.ts'
import type { Candidate } from './reuse/find-candidates.ts'
import { findReusablePieces, type ReuseSearch } from './reuse/reusable-pieces.ts'
import { reusePieces } from './reuse/reuse-pieces.ts'
import { piecesIn } from './right-pieces.ts'
import { Selection } from './selection.ts'
import { findSidePieces } from './side-pieces.ts'
import { StagedLayout } from './staged-layout.ts'
import { prepareStaging, type StagingPaths, stagingPaths } from './staging.ts'
import { checkTarget, type RightTarget } from './target-check.ts'
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
  /** The files of the target, when there is nothing to do. */
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
  const { info, infoHash, outDir } = options
  const realOutDir = await realpath(outDir).catch(() => outDir)
  const paths = stagingPaths(realOutDir, { name: options.targetName ?? info.name }, infoHash)
  const pool = new HashPool({ clock: options.clock, workers: bulkWorkers() })
  try {
    const look = await lookAtTarget(options, paths, pool)
    const { geometry, selection } = look.plan
    if (look.standing?.isDone === true) return { hereBytes: selection.wantedBytes, missingBytes: 0 }
    const { verified, stamps } = await checkStaged(look.staged)
    const found = await findReusablePieces({ ...look.search, verified, present: stamps })
    const hereBytes = bytesOf(geometry, verified) + bytesOf(geometry, found.pieces)
    return { hereBytes, missingBytes: selection.wantedBytes - hereBytes }
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
  const { info, signal, mayLink = false } = options
  const { plan, standing, staged, search } = await lookAtTarget(options, paths, pool)
  const { geometry, selection, layout } = plan
  const common = { options, paths, lock, ...plan }
  if (standing?.isDone === true) {
    await rm(paths.dir, { recursive: true, force: true })
    const resumed = { verified: selection.wanted.copy(), stamps: new Map(), how: 'nothing' } as const
    return { ...common, resumed, reusedFiles: [], inPlace: standing.stamps }
  }
  let isNew = false
  try {
    await prepareStaging(paths, info, selection)
    const resumed = await checkStaged(staged)
    isNew = resumed.how === 'nothing'
    const found = await findReusablePieces({ ...search, verified: resumed.verified, present: resumed.stamps })
    // What the target holds is the same in the tree that takes its place, so that one file can serve both until then.
    const mayShare = ({ path }: Candidate): boolean => mayLink || (standing !== undefined && path.startsWith(paths.target + sep))
    const reused = await reusePieces({ info, geometry, layout, content: paths.content, mayLink: mayShare, signal }, found)
    for (const piece of reused.pieces.members()) resumed.verified.add(piece)
    await requireFreeSpace(paths.dir, selection.wantedBytes - bytesOf(geometry, resumed.verified))
    const stamps = new Map([...resumed.stamps, ...reused.stamps])
    return { ...common, resumed: { ...resumed, stamps }, reusedFiles: [...reused.stamps.keys()], inPlace: undefined }
  } catch (error) {
    if (isNew) await rm(paths.dir, { recursive: true, force: true })
    throw error
  }
}

/** What is at the target, what is to be fetched with regard to that, and where else parts of it may be. */
interface TargetLook {
  readonly plan: Pick<FetchStart, 'geometry' | 'expected' | 'selection' | 'layout'>
  readonly standing: RightTarget | undefined
  readonly staged: ResumeCheck
  readonly search: Omit<ReuseSearch, 'verified' | 'present'>
}

async function lookAtTarget(options: FetchStoreOptions, paths: StagingPaths, pool: HashPool): Promise<TargetLook> {
  const { info, infoHash, trees, onCheck, signal, random, overwrite = false, completes = true, reuse = [] } = options
  const geometry = new PieceGeometry(info)
  const expected = new ExpectedDigests(info, geometry, trees)
  const sides = await findSidePieces([paths.sides, ...keptSides(options)])
  const common = { info, geometry, expected, pool, onProgress: onCheck, signal }
  const selected = new Selection(info, geometry, options.selected)
  const standing = await checkTarget({ ...common, selection: selected, target: paths.target, overwrite, completes, sides })
  const selection = standing?.selection ?? selected
  const layout = new StagedLayout(info, geometry, selection, paths)
  const staged = { ...common, selection, infoHash, layout, statePath: paths.state, random }
  // What stands at the target and is to be replaced is the version before, as a rule.
  const roots = standing !== undefined ? [paths.target, ...reuse] : overwrite ? [...reuse, paths.target] : reuse
  return { plan: { geometry, expected, selection, layout }, standing, staged, search: { ...staged, sides, roots, known: standing } }
}

/** Bytes in a set of pieces. */
export function bytesOf(geometry: PieceGeometry, pieces: Bitfield): number {
  return piecesIn(pieces).reduce((sum, piece) => sum + geometry.pieceBytes(piece), 0)
}
