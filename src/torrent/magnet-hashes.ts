import type { InfoDictionary } from './info.ts'
import type { MagnetFields } from './magnet.ts'

/** The info-hashes that the magnet of a torrent names: one for each of its halves (BEP 9, 52). */
export function magnetHashes({ infoHash, info, v2 }: Pick<InfoDictionary, 'infoHash' | 'info' | 'v2'>): MagnetFields {
  return { infoHash: info.pieceHashes === undefined ? undefined : infoHash, infoHashV2: v2?.infoHash }
}
