import { type Bencodable, encodeBencode } from './bencode.ts'
import { EMPTY_DIRECTORIES_KEY, OWN_KEY } from './empty-directories.ts'
import type { TorrentInfo, TorrentSymlink } from './info.ts'

/** What goes into an info dictionary. */
export type InfoFields = Pick<TorrentInfo, 'name' | 'pieceLengthBytes' | 'files' | 'isSingleFile' | 'isPrivate'> & {
  readonly pieceHashes: Uint8Array
} & Partial<Pick<TorrentInfo, 'symlinks' | 'emptyDirectories'>>

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
  } else {
    fields.set('files', entriesInOrder(info))
    const { emptyDirectories = [] } = info
    if (emptyDirectories.length > 0) fields.set(OWN_KEY, new Map([[EMPTY_DIRECTORIES_KEY, emptyDirectories]]))
  }
  return encodeBencode(fields)
}

/** Files in their order, and each link before the first file whose path comes after its own; both are sorted by the bytes of their paths. */
function entriesInOrder({ files, symlinks = [] }: InfoFields): readonly Bencodable[] {
  const waiting = symlinks.map((link) => ({ link, bytes: pathBytes(link.path) }))
  if (waiting.length === 0) return files.map(fileFields)
  const entries: Bencodable[] = []
  let next = 0
  for (const file of files) {
    const bytes = file.kind === 'padding' ? undefined : pathBytes(file.path)
    for (let first = waiting[next]; bytes !== undefined && first !== undefined && Buffer.compare(first.bytes, bytes) < 0; ) {
      entries.push(linkFields(first.link))
      first = waiting[++next]
    }
    entries.push(fileFields(file))
  }
  for (const { link } of waiting.slice(next)) entries.push(linkFields(link))
  return entries
}

function pathBytes(path: readonly string[]): Buffer {
  return Buffer.from(path.join('/'))
}

/** A length of nothing is not required (BEP 47), but some readers miss it. */
function linkFields({ path, target }: TorrentSymlink): ReadonlyMap<string, Bencodable> {
  return new Map<string, Bencodable>([
    ['attr', 'l'],
    ['length', 0],
    ['path', path],
    ['symlink path', target],
  ])
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
