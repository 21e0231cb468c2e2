import { constants } from 'node:fs'
import { lstat, open } from 'node:fs/promises'
import type { Bitfield } from '../../base/bitfield.ts'
import type { PieceGeometry } from '../../torrent/piece-geometry.ts'
import { diskError } from '../disk-error.ts'
import { PADDING, type StoredSpan } from '../file-layout.ts'
import { type FileStamp, isSameStamp, stampOf } from '../file-stamp.ts'
import { piecesIn } from '../right-pieces.ts'
import type { SourceLayout } from '../source-layout.ts'
import type { StagedLayout } from '../staged-layout.ts'
import { writeAll } from '../write-all.ts'

/** Which side pieces go where. */
export interface SideAdoption {
  readonly geometry: PieceGeometry
  readonly from: SourceLayout
  readonly to: StagedLayout
  readonly pieces: Bitfield
  /** Called before a file is made. */
  readonly prepare: (file: number) => Promise<void>
}

/** What was adopted. */
export interface AdoptedSides {
  /** Pieces of which a side piece is not what was hashed any more: another fetch of the torrent may have ended meanwhile. */
  readonly lost: readonly number[]
  /** What each file is that was written to, by its number in the staged layout. */
  readonly stamps: ReadonlyMap<number, FileStamp>
}

/**
 * Writes what of `pieces` comes from side pieces to where it belongs now: files that were not selected before and are, or side pieces again.
 * Throws DISK_FULL or DISK_FAILED.
 */
export async function adoptSides({ geometry, from, to, pieces, prepare }: SideAdoption): Promise<AdoptedSides> {
  const written = new Set<number>()
  const lost: number[] = []
  for (const piece of piecesIn(pieces)) {
    const lengthBytes = geometry.pieceBytes(piece)
    const places = to.spans(piece, 0, lengthBytes)
    for (const [index, source] of from.spans(piece, 0, lengthBytes).entries()) {
      const place = places[index]
      if (source.file === PADDING || !from.isSide(source.file) || place === undefined) continue
      const path = to.pathOf(place.file)
      if (from.pathOf(source.file) === path) continue
      const bytes = await readSide(from, source)
      if (bytes === undefined) {
        lost.push(piece)
        break
      }
      try {
        await prepare(place.file)
        await using file = await open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_NOFOLLOW, 0o644)
        await writeAll(file, bytes, place.position)
      } catch (error) {
        throw diskError(error, 'write', path)
      }
      written.add(place.file)
    }
  }
  const stamps = new Map<number, FileStamp>()
  for (const file of written) stamps.set(file, stampOf(await lstat(to.pathOf(file), { bigint: true })))
  return { lost, stamps }
}

/** Undefined if the side piece is gone, or is not the one that was hashed. */
async function readSide(from: SourceLayout, { file, position, lengthBytes }: StoredSpan): Promise<Uint8Array | undefined> {
  const hashed = from.stamps.get(file)
  try {
    await using side = await open(from.pathOf(file), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    const bytes = new Uint8Array(lengthBytes)
    const { bytesRead } = await side.read(bytes, 0, lengthBytes, position)
    const now = stampOf(await side.stat({ bigint: true }))
    return hashed !== undefined && isSameStamp(hashed, now) && bytesRead === lengthBytes ? bytes : undefined
  } catch {
    return undefined
  }
}
