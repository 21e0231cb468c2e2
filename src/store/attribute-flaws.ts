import { join } from 'node:path'
import type { TorrentInfo } from '../torrent/info.ts'
import { filePlaces, folderPlaces, linkPlaces } from '../torrent/tree-places.ts'
import { attributesAt } from './entry-attributes.ts'

/** An entry whose mode, or whose modification time, is not as published. */
export interface AttributeFlaw {
  /** With `/` between its elements, empty for the root or a single file. */
  readonly place: string
  readonly isFolder: boolean
  readonly state: 'mode' | 'mtime'
  /** What the torrent says. */
  readonly wanted: number
}

/** Compares modes and times, as far as the torrent says them: of the files, the folders, then the links. What is not there is passed over. */
export async function attributeFlaws(info: TorrentInfo, root: string): Promise<AttributeFlaw[]> {
  const { modes, mtimes } = info
  const flaws: AttributeFlaw[] = []
  if (modes === undefined && mtimes === undefined) return flaws
  const compare = async (place: string, isFolder: boolean): Promise<void> => {
    const now = await attributesAt(join(root, place)).catch(() => undefined)
    if (now === undefined) return
    for (const [state, wanted] of [['mode', modes?.get(place)] as const, ['mtime', mtimes?.get(place)] as const]) {
      if (wanted !== undefined && wanted !== now[state]) flaws.push({ place, isFolder, state, wanted })
    }
  }
  for (const place of filePlaces(info)) await compare(place, false)
  for (const place of folderPlaces(info)) await compare(place, true)
  for (const place of linkPlaces(info)) await compare(place, false)
  return flaws
}
