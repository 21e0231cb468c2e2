import { toHex } from '../base/bytes.ts'
import type { Metainfo } from '../torrent/info.ts'
import { PieceGeometry } from '../torrent/piece-geometry.ts'
import type { MetadataEvent } from './events.ts'

/** What a torrent says about itself, as the event that reporters show. */
export function metadataEvent({ infoHash, info }: Pick<Metainfo, 'infoHash' | 'info'>): MetadataEvent {
  return {
    infoHash: toHex(infoHash),
    name: info.name,
    bytesTotal: info.totalBytes,
    files: info.files.filter(({ kind }) => kind === 'file').length,
    pieces: new PieceGeometry(info).pieceCount,
    pieceLengthBytes: info.pieceLengthBytes,
    isPrivate: info.isPrivate,
  }
}
