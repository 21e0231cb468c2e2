import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type FileStamp, stampOf } from './file-stamp.ts'

/** A file with those bytes of one piece that lie in files which were not selected, each where it is in the piece. */
export interface SidePiece {
  readonly path: string
  readonly stamp: FileStamp
}

/**
 * The side pieces in some folders, by the number of the piece; the first folder counts where several have one. They are offers: only a piece
 * whose hash is right with them is taken. What cannot be read is passed over.
 */
export async function findSidePieces(folders: readonly string[]): Promise<ReadonlyMap<number, SidePiece>> {
  const found = new Map<number, SidePiece>()
  for (const folder of folders) {
    for (const name of await readdir(folder).catch(() => [])) {
      if (!isPieceNumber(name) || found.has(Number(name))) continue
      const path = join(folder, name)
      const stats = await lstat(path, { bigint: true }).catch(() => undefined)
      if (stats?.isFile() === true) found.set(Number(name), { path, stamp: stampOf(stats) })
    }
  }
  return found
}

/** True for the name of a side piece. */
export function isPieceNumber(name: string): boolean {
  return /^(0|[1-9][0-9]{0,5})$/.test(name)
}
