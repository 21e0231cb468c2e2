import { PieceGeometry } from '../torrent/piece-geometry.ts'
import { CheckProgress } from './check-progress.ts'
import { ExpectedDigests } from './expected-digests.ts'
import type { FetchStoreOptions } from './fetch-options.ts'
import type { FetchPlan } from './fetch-plan.ts'
import type { FileStamp } from './file-stamp.ts'
import type { HashPool } from './hash-pool.ts'
import { keptSides } from './keep-sides.ts'
import { checkStaged, type ResumeCheck, type ResumedPieces } from './resume-check.ts'
import { FolderContents } from './reuse/files-below.ts'
import { type CandidateSource, findCandidates } from './reuse/find-candidates.ts'
import { findMovedBlocks } from './reuse/find-moved-blocks.ts'
import type { FoundBlocks } from './reuse/found-blocks.ts'
import { GuessedParts } from './reuse/guessed-parts.ts'
import { findReusablePieces, type ReusablePieces, type ReuseSearch } from './reuse/reusable-pieces.ts'
import { Selection } from './selection.ts'
import { findSidePieces } from './side-pieces.ts'
import { StagedLayout } from './staged-layout.ts'
import type { StagingPaths } from './staging.ts'
import { checkTarget, type RightTarget } from './target-check.ts'

/** What is on this host already of what is wanted. */
export type Seen =
  | { readonly plan: FetchPlan; readonly inPlace: readonly (FileStamp | undefined)[] }
  | {
      readonly plan: FetchPlan
      readonly inPlace?: undefined
      /** True if the target holds a part of it, and nothing else. */
      readonly isBegun: boolean
      readonly resumed: ResumedPieces
      readonly reusable: ReusablePieces
      /** Undefined where the torrent has no sums of blocks, or there is nothing to look at. */
      readonly moved: FoundBlocks | undefined
      /** Undefined where there is nothing to look at. */
      readonly guessed: GuessedParts | undefined
    }

/**
 * Looks at the target, then at what an earlier run left, which `prepare` is to make fit before, then at all that may hold the rest. Throws
 * TARGET_DIFFERS, PATH_REFUSED, DISK_FAILED, or the signal's reason.
 */
export async function lookAround(
  options: FetchStoreOptions,
  paths: StagingPaths,
  pool: HashPool,
  prepare?: (plan: FetchPlan) => Promise<void>,
): Promise<Seen> {
  const progress = new CheckProgress(options.onCheck)
  const seen = await look({ ...options, onCheck: (bytesDone, bytesTotal) => progress.note(bytesDone, bytesTotal) }, paths, pool, prepare)
  progress.end()
  return seen
}

async function look(
  options: FetchStoreOptions,
  paths: StagingPaths,
  pool: HashPool,
  prepare: ((plan: FetchPlan) => Promise<void>) | undefined,
): Promise<Seen> {
  const { plan, standing, staged, search, roots } = await lookAtTarget(options, paths, pool)
  if (standing?.isDone === true) return { plan, inPlace: standing.stamps }
  await prepare?.(plan)
  const resumed = await checkStaged(staged)
  const { info, signal } = options
  const { selection } = plan
  const { verified, stamps: present } = resumed
  const files = selection.fileIndexes().filter((file) => !present.has(file) || isInPart(plan, resumed, file))
  const contents = new FolderContents(pool)
  const elsewhere = elsewhereThan(standing, plan, options.elsewhere)
  const candidates = await findCandidates({ info, files, roots, contents, elsewhere, pool, signal })
  const ofAbsent = new Map([...candidates].filter(([file]) => !present.has(file)))
  const reusable = await findReusablePieces({ ...search, candidates: ofAbsent, verified, present })
  const seen = { plan, isBegun: standing !== undefined, resumed, reusable }
  const { blockSums } = info
  // A target that holds a part of this torrent holds no earlier version of the rest.
  const earlier = standing === undefined ? roots : roots.slice(1)
  const isBare = earlier.length === 0 && (standing !== undefined || candidates.size === 0)
  if (isBare) return { ...seen, moved: undefined, guessed: undefined }
  const isMissing = (piece: number): boolean => selection.wanted.has(piece) && !verified.has(piece) && !reusable.pieces.has(piece)
  const isLeft = (piece: number): boolean => verified.has(piece)
  const place = { roots: earlier, contents, candidates, inPlace: reusable.pieces, isMissing, isLeft }
  const moved = blockSums === undefined ? undefined : await findMovedBlocks({ ...search, ...place, blockSums })
  const guessed = new GuessedParts({ info, geometry: plan.geometry, candidates, found: moved, inPlace: reusable.pieces })
  return { ...seen, moved, guessed }
}

/** What is right at the target is not looked for anywhere else. */
function elsewhereThan(
  standing: RightTarget | undefined,
  { geometry }: FetchPlan,
  elsewhere: CandidateSource | undefined,
): CandidateSource | undefined {
  if (elsewhere === undefined || standing === undefined) return elsewhere
  const isMissing = (file: number): boolean => geometry.somePiece(file, (piece) => !standing.right.has(piece))
  return {
    same: (files, pool) => elsewhere.same(files.filter(isMissing), pool),
    alike: (files, pool) => elsewhere.alike(files.filter(isMissing), pool),
  }
}

/** True for a file that is here in part, of which more may be found in the version before. */
function isInPart({ geometry }: FetchPlan, { verified }: ResumedPieces, file: number): boolean {
  return geometry.somePiece(file, (piece) => !verified.has(piece))
}

/** What is at the target, what is to be fetched with regard to that, and where else parts of it may be. */
interface TargetLook {
  readonly plan: FetchPlan
  readonly standing: RightTarget | undefined
  readonly staged: ResumeCheck
  readonly search: Omit<ReuseSearch, 'verified' | 'present' | 'candidates'>
  readonly roots: readonly string[]
}

async function lookAtTarget(options: FetchStoreOptions, paths: StagingPaths, pool: HashPool): Promise<TargetLook> {
  const { info, infoHash, trees, onCheck, signal, random, overwrite = false, completes = true, reuse = [] } = options
  const geometry = new PieceGeometry(info)
  const expected = new ExpectedDigests(info, geometry, trees)
  const sides = await findSidePieces([paths.sides, ...keptSides(options, paths.target)])
  const common = { info, geometry, expected, pool, onProgress: onCheck, signal }
  const selected = new Selection(info, geometry, options.selected)
  const { standing, hashed } = await checkTarget({ ...common, selection: selected, target: paths.target, overwrite, completes, sides })
  const selection = standing?.selection ?? selected
  const layout = new StagedLayout(info, geometry, selection, paths)
  const staged = { ...common, selection, infoHash, layout, statePath: paths.state, random }
  // What stands at the target and is to be replaced is the version before, as a rule.
  const roots = standing !== undefined ? [paths.target, ...reuse] : overwrite ? [...reuse, paths.target] : reuse
  return { plan: { geometry, expected, selection, layout }, standing, staged, search: { ...staged, sides, hashed }, roots }
}
