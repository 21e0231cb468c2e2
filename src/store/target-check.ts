import { readdir } from 'node:fs/promises'
import { Bitfield } from '../base/bitfield.ts'
import type { TorrentInfo } from '../torrent/info.ts'
import type { PieceGeometry } from '../torrent/piece-geometry.ts'
import { contentStamps } from './content-stamps.ts'
import { diskError } from './disk-error.ts'
import type { ExpectedDigests } from './expected-digests.ts'
import { contentPath, PADDING } from './file-layout.ts'
import type { FileStamp } from './file-stamp.ts'
import type { HashPool } from './hash-pool.ts'
import { kindOf } from './path-kind.ts'
import { piecesOnDisk } from './resume-check.ts'
import { piecesIn, rightPieces } from './right-pieces.ts'
import { contentDiffers, shapeDifference } from './same-tree.ts'
import { Selection } from './selection.ts'
import type { SidePiece } from './side-pieces.ts'
import { type SourceFile, SourceLayout } from './source-layout.ts'
import { targetDiffers, targetIsNoTree } from './target-refusals.ts'

export interface TargetCheck {
  readonly info: TorrentInfo
  readonly expected: ExpectedDigests
  readonly geometry: PieceGeometry
  readonly selection: Selection
  readonly target: string
  readonly overwrite: boolean
  /** True if a target that only lacks something may be completed. */
  readonly completes: boolean
  /** What is kept of pieces that the target's files share with others. */
  readonly sides: ReadonlyMap<number, SidePiece>
  readonly pool: HashPool
  readonly onProgress?: ((bytesDone: number, bytesTotal: number) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

/** What was found out about the pieces of a target's files, some of them with the help of side pieces. */
export interface HashedTarget {
  /** Those that were hashed. */
  readonly pieces: Bitfield
  /** Those of them that are right. */
  readonly right: Bitfield
  /** Where they are. */
  readonly layout: SourceLayout
  /** True if the target holds nothing but right content of the torrent. */
  readonly isRight: boolean
}

/** A target that holds nothing but right content of the torrent. */
export interface RightTarget extends HashedTarget {
  /** What is selected, and what is there already: that stays. */
  readonly selection: Selection
  /** What each file is; undefined for those that are not there. */
  readonly stamps: readonly (FileStamp | undefined)[]
  /** True if nothing is to be added, and every piece was found right. */
  readonly isDone: boolean
}

/** What is at the target. */
export interface CheckedTarget {
  /** Undefined if there is nothing, or something that is to be replaced. */
  readonly standing?: RightTarget
  /** Undefined if nothing of it had to be hashed. */
  readonly hashed?: HashedTarget
}

/**
 * Looks at what is at the target before anything is fetched. Throws TARGET_DIFFERS or PATH_REFUSED if the fetch could never be put there.
 *
 * A target in which nothing differs holds a part of the torrent, or all of it. What is there counts as selected, so that nothing is taken away
 * from it. Pieces that its files share with others can only be checked where side pieces were kept; the others are fetched again, and
 * compared when the tree is placed.
 */
export async function checkTarget(check: TargetCheck): Promise<CheckedTarget> {
  const { info, target, overwrite } = check
  let difference: string | undefined
  try {
    const kind = await kindOf(target)
    if (kind === 'absent') return {}
    if (kind === 'other') throw targetIsNoTree(target)
    const found = await compare(check)
    difference = found.difference
    if (difference === undefined || overwrite) return found
    if (kind === 'directory' && !info.isSingleFile && (await readdir(target)).length === 0) return found
  } catch (error) {
    if (check.signal?.aborted) throw error
    throw diskError(error, 'look at', target)
  }
  throw targetDiffers(target, difference)
}

/** What the target holds, and the words for what of it differs. */
async function compare(check: TargetCheck): Promise<CheckedTarget & { readonly difference?: string }> {
  const { info, target, geometry, sides, pool } = check
  const stamps = await contentStamps(info, target, pool)
  const selection = withStanding(check, stamps)
  const difference = await shapeDifference(info, selection, target, pool)
  if (difference !== undefined && !(difference.isLack && check.completes)) return { difference: difference.words }
  const files = new Map<number, SourceFile>()
  stamps.forEach((stamp, file) => {
    if (stamp !== undefined) files.set(file, { path: contentPath(info, target, file), stamp })
  })
  const layout = new SourceLayout(info, geometry, files, sides)
  const pieces = [...piecesOnDisk({ geometry, layout, selection }, layout.stamps)].filter((piece) => holdsFile(layout, geometry, piece))
  const right =
    pieces.length === 0
      ? new Bitfield(geometry.pieceCount)
      : await rightPieces({ ...check, layout, pieces, stampOf: (file) => layout.stamps.get(file) })
  const hashed = { pieces: new Bitfield(geometry.pieceCount), right, layout, isRight: false }
  for (const piece of pieces) hashed.pieces.add(piece)
  for (const piece of pieces) {
    if (right.has(piece)) continue
    const owners = layout.spans(piece, 0, geometry.pieceBytes(piece)).map(({ file }) => file)
    // It may as well be the side piece that is wrong.
    if (owners.some((file) => layout.isSide(file))) continue
    const differing = owners.filter((file) => file !== PADDING)
    return { hashed, difference: contentDiffers(info, differing) }
  }
  const isDone = difference === undefined && piecesIn(selection.wanted).every((piece) => right.has(piece))
  const standing = { ...hashed, isRight: true, selection, stamps, isDone }
  return { standing, hashed: standing }
}

function withStanding({ info, geometry, selection }: TargetCheck, stamps: readonly (FileStamp | undefined)[]): Selection {
  if (selection.isWhole) return selection
  const standing = [...stamps.keys()].filter((file) => stamps[file] !== undefined)
  return new Selection(info, geometry, new Set([...selection.fileIndexes(), ...standing]))
}

/** A piece of which side pieces alone have all bytes says nothing of the target. */
function holdsFile(layout: SourceLayout, geometry: PieceGeometry, piece: number): boolean {
  return layout.spans(piece, 0, geometry.pieceBytes(piece)).some(({ file }) => file !== PADDING && !layout.isSide(file))
}
