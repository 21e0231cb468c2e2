import { toHex } from '../base/bytes.ts'
import type { Metainfo } from '../torrent/info.ts'
import { PieceGeometry } from '../torrent/piece-geometry.ts'
import { formatOf } from '../torrent/torrent-format.ts'
import type { MetadataEvent } from './events.ts'

/** What a torrent says about itself, as the event that reporters show. */
export function metadataEvent(torrent: Pick<Metainfo, 'infoHash' | 'info' | 'v2'>): MetadataEvent {
  const { infoHash, info, v2 } = torrent
  return {
    format: formatOf(torrent),
    infoHash: toHex(infoHash),
    infoHashV2: v2 === undefined ? null : toHex(v2.infoHash),
    name: info.name,
    bytesTotal: info.totalBytes,
    files: info.files.filter(({ kind }) => kind === 'file').length,
    pieces: new PieceGeometry(info).pieceCount,
    pieceLengthBytes: info.pieceLengthBytes,
    isPrivate: info.isPrivate,
  }
}
