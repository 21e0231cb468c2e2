import { constants } from 'node:fs'
import { lstat, open } from 'node:fs/promises'
import type { Bitfield } from '../../base/bitfield.ts'
import type { PieceGeometry } from '../../torrent/piece-geometry.ts'
import { diskError } from '../disk-error.ts'
import { PADDING, type StoredSpan } from '../file-layout.ts'
import { type FileStamp, stampOf } from '../file-stamp.ts'
import { piecesIn } from '../right-pieces.ts'
import type { SourceLayout } from '../source-layout.ts'
import type { StagedLayout } from '../staged-layout.ts'

/** Which side pieces go where. */
export interface SideAdoption {
  readonly geometry: PieceGeometry
  readonly from: SourceLayout
  readonly to: StagedLayout
  readonly pieces: Bitfield
  /** Called before a file is made. */
  readonly prepare: (file: number) => Promise<void>
}

/**
 * Writes what of `pieces` comes from side pieces to where it belongs now: files that were not selected before and are, or side pieces again.
 * Gives what each file is then that was written to, by its number in the staged layout. Throws DISK_FULL or DISK_FAILED.
 */
export async function adoptSides({ geometry, from, to, pieces, prepare }: SideAdoption): Promise<ReadonlyMap<number, FileStamp>> {
  const written = new Set<number>()
  for (const piece of piecesIn(pieces)) {
    const lengthBytes = geometry.pieceBytes(piece)
    const places = to.spans(piece, 0, lengthBytes)
    for (const [index, source] of from.spans(piece, 0, lengthBytes).entries()) {
      const place = places[index]
      if (source.file === PADDING || !from.isSide(source.file) || place === undefined) continue
      const [sourcePath, path] = [from.pathOf(source.file), to.pathOf(place.file)]
      if (sourcePath === path) continue
      try {
        await prepare(place.file)
        await copySpan(sourcePath, source, path, place.position)
      } catch (error) {
        throw diskError(error, 'write', path)
      }
      written.add(place.file)
    }
  }
  const stamps = new Map<number, FileStamp>()
  for (const file of written) stamps.set(file, stampOf(await lstat(to.pathOf(file), { bigint: true })))
  return stamps
}

async function copySpan(sourcePath: string, source: StoredSpan, path: string, position: number): Promise<void> {
  const bytes = new Uint8Array(source.lengthBytes)
  await using from = await open(sourcePath, constants.O_RDONLY | constants.O_NOFOLLOW)
  await from.read(bytes, 0, bytes.length, source.position)
  await using to = await open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_NOFOLLOW, 0o644)
  await to.write(bytes, 0, bytes.length, position)
}
