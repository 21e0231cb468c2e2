import type { TorrentInfo } from '../torrent/info.ts'

/** What a web seed must know of the torrent whose bytes it gives. */
export interface WebSeedContent {
  /** 20 bytes; what BEP 17 asks for. */
  readonly infoHash: Uint8Array
  readonly info: Pick<TorrentInfo, 'name' | 'files' | 'isSingleFile' | 'pieceLengthBytes' | 'isAligned'>
}
