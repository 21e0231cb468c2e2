import type { InfoDictionary } from './info.ts'

/**
 * For which generations of clients a torrent is made: v1 (BEP 3), v2 (BEP 52), or hybrid, which describes the same files in both ways in
 * one info dictionary.
 */
export type TorrentFormat = 'v1' | 'v2' | 'hybrid'

/** All of them. */
export const torrentFormats: readonly TorrentFormat[] = ['v1', 'v2', 'hybrid']

/** What is made when nothing is said. */
export const USUAL_FORMAT: TorrentFormat = 'hybrid'

/** The format of a torrent that was read. */
export function formatOf({ info, v2 }: Pick<InfoDictionary, 'info' | 'v2'>): TorrentFormat {
  if (v2 === undefined) return 'v1'
  return info.pieceHashes === undefined ? 'v2' : 'hybrid'
}
