import { realpath } from 'node:fs/promises'
import { sep } from 'node:path'
import { diskError } from './disk-error.ts'
import type { FetchStoreOptions } from './fetch-options.ts'
import { bytesOf, type FetchPlan } from './fetch-plan.ts'
import type { FileStamp } from './file-stamp.ts'
import { requireFreeSpace } from './free-space.ts'
import { bulkWorkers, HashPool } from './hash-pool.ts'
import { lookAround } from './look-around.ts'
import { makeFolder } from './make-folder.ts'
import { recoverDisplaced } from './move-into-place.ts'
import { kindOf } from './path-kind.ts'
import { PlaceProgress } from './place-progress.ts'
import { removeTree } from './remove-tree.ts'
import type { ResumedPieces } from './resume-check.ts'
import { EarlierBlocks } from './reuse/earlier-blocks.ts'
import type { Candidate } from './reuse/files-below.ts'
import { joinPieces } from './reuse/join-pieces.ts'
import { reusePieces } from './reuse/reuse-pieces.ts'
import { piecesIn } from './right-pieces.ts'
import { prepareStaging, type StagingPaths, stagingPaths } from './staging.ts'
import { TargetLock } from './target-lock.ts'

/** Everything that a fetch knows before its first piece. */
export interface FetchStart extends FetchPlan {
  readonly options: FetchStoreOptions
  readonly paths: StagingPaths
  readonly lock: TargetLock
  readonly resumed: ResumedPieces
  /** Files into which content was copied from elsewhere, by number. */
  readonly reusedFiles: readonly number[]
  /** Those of them that have a second name, and what they were when they got it. */
  readonly linked: ReadonlyMap<number, FileStamp>
  /** Parts of pieces that are on this host elsewhere. */
  readonly earlier: EarlierBlocks | undefined
  /** The files of the target, when there is nothing to do. */
  readonly inPlace: readonly (FileStamp | undefined)[] | undefined
}

/** Takes the target's lock, cleans up after earlier runs, takes over what is on this host, and checks that there is room for the rest. */
export async function startFetch(options: FetchStoreOptions): Promise<FetchStart> {
  const paths = stagingPaths(await makeOutDir(options.outDir), { name: options.targetName ?? options.info.name }, options.infoHash)
  const lock = await TargetLock.take(paths.lock, options.clock)
  const pool = new HashPool({ clock: options.clock, workers: bulkWorkers() })
  try {
    await recoverDisplaced(paths, options.onComplaint)
    return { options, paths, lock, ...(await takeOver(options, paths, pool)) }
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

async function takeOver(
  options: FetchStoreOptions,
  paths: StagingPaths,
  pool: HashPool,
): Promise<Omit<FetchStart, 'options' | 'paths' | 'lock'>> {
  const { info, signal, mayLink = false, reuse = [] } = options
  let isNew = false
  try {
    const seen = await lookAround(options, paths, pool, async ({ selection }) => {
      isNew = (await kindOf(paths.dir)) === 'absent'
      await prepareStaging(paths, info, selection)
    })
    const { geometry, selection, layout, expected } = seen.plan
    if (seen.inPlace !== undefined) {
      await removeTree(paths.dir)
      const resumed = { verified: selection.wanted.copy(), stamps: new Map(), how: 'nothing' } as const
      return { ...seen.plan, resumed, reusedFiles: [], linked: new Map(), earlier: undefined, inPlace: seen.inPlace }
    }
    const { resumed, reusable, moved, guessed, isBegun } = seen
    const { verified } = resumed
    isNew = resumed.how === 'nothing'
    const place = { info, geometry, layout, content: paths.content, expected, pool, signal }
    const joinable = (): number[] => piecesIn(selection.wanted).filter((piece) => !verified.has(piece) && moved?.isWhole(piece) === true)
    const bytesToJoin = joinable().reduce((sum, piece) => sum + (reusable.pieces.has(piece) ? 0 : geometry.pieceBytes(piece)), 0)
    const progress = new PlaceProgress(options.onPlace, bytesOf(geometry, reusable.pieces) + bytesToJoin)
    const onTaken = (bytes: number): void => progress.add(bytes)
    // What the target holds is the same in the tree that takes its place, so that one file can serve both until then.
    const mayShare = ({ path }: Candidate): boolean =>
      // What was found elsewhere may be where somebody writes, and nobody named it.
      (mayLink && [...reuse, paths.target].some((root) => isBelow(path, root))) || (isBegun && path.startsWith(paths.target + sep))
    const reused = await reusePieces({ ...place, mayLink: mayShare, onTaken }, reusable)
    for (const piece of reused.pieces.members()) verified.add(piece)
    await requireFreeSpace(paths.dir, selection.wantedBytes - bytesOf(geometry, verified), options.outDir)
    const taken = new Map(reused.stamps)
    const linked = new Map([...reused.stamps].filter(([file]) => reused.linked.has(file)))
    if (moved !== undefined) {
      const joined = await joinPieces({ ...place, pieces: joinable(), onJoined: onTaken }, moved)
      for (const piece of joined.pieces.members()) verified.add(piece)
      for (const [file, stamp] of joined.stamps) taken.set(file, stamp)
    }
    const stamps = new Map([...resumed.stamps, ...taken])
    const earlier = guessed === undefined ? undefined : new EarlierBlocks({ geometry, found: moved, guessed })
    return { ...seen.plan, resumed: { ...resumed, stamps }, reusedFiles: [...taken.keys()], linked, earlier, inPlace: undefined }
  } catch (error) {
    // What cannot be removed now is removed or taken up by the next run, and is not what went wrong.
    if (isNew) await removeTree(paths.dir).catch(() => undefined)
    throw error
  }
}

function isBelow(path: string, root: string): boolean {
  return path === root || path.startsWith(root.endsWith(sep) ? root : root + sep)
}
