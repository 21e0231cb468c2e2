import type { TorrentFormat } from './torrent-format.ts'

/**
 * Where each of `files` starts in a torrent's pieces, in bytes: in v1 right behind the one before it (BEP 3), else at the start of a piece
 * (BEP 52). An empty file stands where the next one starts.
 */
export function fileOffsets(files: readonly { readonly lengthBytes: number }[], pieceLengthBytes: number, format: TorrentFormat): number[] {
  let end = 0
  return files.map(({ lengthBytes }) => {
    const offset = end
    end += format === 'v1' ? lengthBytes : Math.ceil(lengthBytes / pieceLengthBytes) * pieceLengthBytes
    return offset
  })
}
