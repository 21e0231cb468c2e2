import { type Bencodable, encodeBencode } from './bencode.ts'
import type { TorrentInfo } from './info.ts'

/** What goes into an info dictionary. */
export type InfoFields = Pick<TorrentInfo, 'name' | 'pieceLengthBytes' | 'pieceHashes' | 'files' | 'isSingleFile' | 'isPrivate'>

/**
 * Writes a v1 info dictionary (BEP 3, 27, 47). The same tree and the same options always give the same bytes, and so the same
 * info-hash: nothing but what is needed is written, in the one canonical order.
 */
export function encodeInfo(info: InfoFields): Uint8Array {
  const fields = new Map<string, Bencodable>([
    ['name', info.name],
    ['piece length', info.pieceLengthBytes],
    ['pieces', info.pieceHashes],
  ])
  if (info.isPrivate) fields.set('private', 1)
  if (info.isSingleFile) {
    fields.set('length', info.files[0]?.lengthBytes ?? 0)
    if (info.files[0]?.isExecutable === true) fields.set('attr', 'x')
  } else fields.set('files', info.files.map(fileFields))
  return encodeBencode(fields)
}

function fileFields(file: TorrentInfo['files'][number]): ReadonlyMap<string, Bencodable> {
  const fields = new Map<string, Bencodable>([
    ['length', file.lengthBytes],
    ['path', file.path],
  ])
  if (file.kind === 'padding') fields.set('attr', 'p')
  else if (file.isExecutable === true) fields.set('attr', 'x')
  return fields
}
