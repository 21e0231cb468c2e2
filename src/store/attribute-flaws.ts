import { join } from 'node:path'
import type { TorrentInfo } from '../torrent/info.ts'
import { filePlaces, folderPlaces, linkPlaces } from '../torrent/tree-places.ts'
import { attributesSeen, type EntryAttributes } from './entry-attributes.ts'
import type { HashPool } from './hash-pool.ts'
import { lookAt } from './look-at.ts'

/** An entry whose mode, or whose modification time, is not as published. */
export interface AttributeFlaw {
  /** With `/` between its elements, empty for the root or a single file. */
  readonly place: string
  readonly isFolder: boolean
  readonly state: 'mode' | 'mtime'
  /** What the torrent says. */
  readonly wanted: number
}

/**
 * Compares modes and times, as far as the torrent says them: of the files, the folders, then the links. What is not there is passed over. The
 * workers of `pool` look where there are many.
 */
export async function attributeFlaws(info: TorrentInfo, root: string, pool: HashPool): Promise<AttributeFlaw[]> {
  if (info.modes === undefined && info.mtimes === undefined) return []
  const [files, folders, links] = [filePlaces(info), folderPlaces(info), linkPlaces(info)]
  const places = [...files, ...folders, ...links]
  const looks = await lookAt(
    places.map((place) => join(root, place)),
    { pool },
  )
  return places.flatMap((place, index) => {
    const isFolder = index >= files.length && index < files.length + folders.length
    const look = looks.at(index)
    return look === undefined ? [] : flawsOf(info, place, isFolder, attributesSeen(look))
  })
}

function flawsOf({ modes, mtimes }: TorrentInfo, place: string, isFolder: boolean, now: EntryAttributes): AttributeFlaw[] {
  const states = [['mode', modes?.get(place)] as const, ['mtime', mtimes?.get(place)] as const]
  return states.flatMap(([state, wanted]) => (wanted === undefined || wanted === now[state] ? [] : [{ place, isFolder, state, wanted }]))
}
