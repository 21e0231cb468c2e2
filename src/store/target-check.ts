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
import { kindOf, targetDiffers, targetIsNoTree } from './placement.ts'
import { piecesOnDisk } from './resume-check.ts'
import { piecesIn, rightPieces } from './right-pieces.ts'
import { contentDiffers, shapeDifference } from './same-tree.ts'
import { Selection } from './selection.ts'
import type { SidePiece } from './side-pieces.ts'
import { type SourceFile, SourceLayout } from './source-layout.ts'

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

/** A target that holds nothing but right content of the torrent. */
export interface RightTarget {
  /** What is selected, and what is there already: that stays. */
  readonly selection: Selection
  /** What each file is; undefined for those that are not there. */
  readonly stamps: readonly (FileStamp | undefined)[]
  /** The pieces of its files that were found right, some with the help of side pieces. */
  readonly right: Bitfield
  /** Where these are. */
  readonly layout: SourceLayout
  /** True if nothing is to be added, and every piece was found right. */
  readonly isDone: boolean
}

/**
 * Looks at what is at the target before anything is fetched. Undefined if there is nothing, or something that is to be replaced; throws
 * TARGET_DIFFERS or PATH_REFUSED if the fetch could never be put there.
 *
 * A target in which nothing differs holds a part of the torrent, or all of it. What is there counts as selected, so that nothing is taken away
 * from it. Pieces that its files share with others can only be checked where side pieces were kept; the others are fetched again, and
 * compared when the tree is placed.
 */
export async function checkTarget(check: TargetCheck): Promise<RightTarget | undefined> {
  const { info, target, overwrite } = check
  let difference: string | undefined
  try {
    const kind = await kindOf(target)
    if (kind === 'absent') return undefined
    if (kind === 'other') throw targetIsNoTree(target)
    const found = await compare(check)
    if (typeof found !== 'string') return found
    difference = found
    if (overwrite || (kind === 'directory' && !info.isSingleFile && (await readdir(target)).length === 0)) return undefined
  } catch (error) {
    if (check.signal?.aborted) throw error
    throw diskError(error, 'look at', target)
  }
  throw targetDiffers(target, difference)
}

/** What the target holds, or the words for what of it differs. */
async function compare(check: TargetCheck): Promise<RightTarget | string> {
  const { info, target, geometry, sides, pool } = check
  const stamps = await contentStamps(info, target, pool)
  const selection = withStanding(check, stamps)
  const difference = await shapeDifference(info, selection, target, pool)
  if (difference !== undefined && !(difference.isLack && check.completes)) return difference.words
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
  for (const piece of pieces) {
    if (right.has(piece)) continue
    const owners = layout.spans(piece, 0, geometry.pieceBytes(piece)).map(({ file }) => file)
    // It may as well be the side piece that is wrong.
    if (owners.some((file) => layout.isSide(file))) continue
    return contentDiffers(
      info,
      owners.filter((file) => file !== PADDING),
    )
  }
  const isDone = difference === undefined && piecesIn(selection.wanted).every((piece) => right.has(piece))
  return { selection, stamps, right, layout, isDone }
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
