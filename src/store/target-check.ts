import { readdir } from 'node:fs/promises'
import type { TorrentInfo } from '../torrent/info.ts'
import type { PieceGeometry } from '../torrent/piece-geometry.ts'
import { contentStamps } from './content-stamps.ts'
import { diskError } from './disk-error.ts'
import type { ExpectedDigests } from './expected-digests.ts'
import { ContentLayout, PADDING } from './file-layout.ts'
import type { FileStamp } from './file-stamp.ts'
import type { HashPool } from './hash-pool.ts'
import { kindOf, targetDiffers, targetIsNoTree } from './placement.ts'
import { piecesIn, rightPieces } from './right-pieces.ts'
import { contentDiffers, shapeDifference } from './same-tree.ts'
import { Selection } from './selection.ts'

export interface TargetCheck {
  readonly info: TorrentInfo
  readonly expected: ExpectedDigests
  readonly geometry: PieceGeometry
  readonly selection: Selection
  readonly target: string
  readonly overwrite: boolean
  readonly pool: HashPool
  readonly onProgress?: ((bytesDone: number, bytesTotal: number) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Looks at what is at the target before anything is fetched. Gives the stamps of its files if it is the wanted content already,
 * undefined if it is to be fetched; throws TARGET_DIFFERS or PATH_REFUSED if the fetch could never be put there.
 *
 * A target that holds the whole torrent, and not only what is wanted of it, is the wanted content too.
 *
 * Pieces that reach into files that were not selected cannot be checked against the target alone: such content is fetched again
 * and compared when it is placed.
 */
export async function findInPlace(check: TargetCheck): Promise<(FileStamp | undefined)[] | undefined> {
  const { info, target, selection, geometry } = check
  let difference: string | undefined
  try {
    const kind = await kindOf(target)
    if (kind === 'absent') return undefined
    if (kind === 'other') throw targetIsNoTree(target)
    difference = await shapeDifference(info, selection, target)
    if (difference !== undefined && !selection.isWhole) {
      const stamps = await wholeInPlace(check)
      if (stamps !== undefined) return stamps
    }
    if (difference === undefined) {
      const stamps = await contentStamps(info, target)
      const pieces = piecesIn(selection.servable)
      const layout = new ContentLayout(info, geometry, target)
      const right = await rightPieces({ ...check, layout, pieces, stampOf: (file) => stamps[file] })
      const wrong = pieces.find((piece) => !right.has(piece))
      if (wrong === undefined) return selection.boundary.length === 0 ? stamps : undefined
      const files = layout.spans(wrong, 0, geometry.pieceBytes(wrong)).map(({ file }) => file)
      difference = contentDiffers(
        info,
        files.filter((file) => file !== PADDING),
      )
    }
    if (check.overwrite || (kind === 'directory' && !info.isSingleFile && (await readdir(target)).length === 0)) return undefined
  } catch (error) {
    if (check.signal?.aborted) throw error
    throw diskError(error, 'look at', target)
  }
  throw targetDiffers(target, difference)
}

/** The stamps of a target that is everything in the torrent, every piece of it right; undefined for any other. */
async function wholeInPlace(check: TargetCheck): Promise<(FileStamp | undefined)[] | undefined> {
  const { info, target, geometry } = check
  const whole = new Selection(info, geometry, undefined)
  if ((await shapeDifference(info, whole, target)) !== undefined) return undefined
  const stamps = await contentStamps(info, target)
  const pieces = piecesIn(whole.wanted)
  const layout = new ContentLayout(info, geometry, target)
  const right = await rightPieces({ ...check, layout, pieces, stampOf: (file) => stamps[file] })
  return pieces.every((piece) => right.has(piece)) ? stamps : undefined
}
