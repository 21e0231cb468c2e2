import { toHex, utf8Bytes } from '../base/bytes.ts'
import { type Bencodable, encodeBencode } from './bencode.ts'
import { type EncodedEntry, encodeFileList } from './encode-file-list.ts'
import { encodeFileTree } from './encode-file-tree.ts'
import type { TorrentHints, TorrentInfo } from './info.ts'
import { encodeOwnEntries, type OwnEntries } from './own-entries.ts'
import { pathKey } from './path-order.ts'
import type { TorrentFormat } from './torrent-format.ts'
import { COLLECTIONS_KEY, SIMILAR_KEY } from './torrent-hints.ts'

/** What goes into an info dictionary. One of the two kinds of hashes is there, and both for a hybrid. */
export type InfoFields = Pick<TorrentInfo, 'name' | 'pieceLengthBytes' | 'files' | 'isSingleFile' | 'isPrivate'> &
  Partial<Pick<TorrentInfo, 'symlinks'>> &
  OwnEntries & {
    /** For v1: the SHA-1 of every piece, 20 bytes each. Pieces of a hybrid have zeros where the padding is. */
    readonly pieceHashes?: Uint8Array | undefined
    /** For v2: the root of each of `files`, 32 bytes; undefined for an empty one. The files are without padding and in the order of `inPathOrder`. */
    readonly piecesRoots?: readonly (Uint8Array | undefined)[] | undefined
    /** Hints at similar torrents (BEP 38), which are written in one order, each once. */
    readonly hints?: Pick<TorrentHints, 'similar' | 'collections'> | undefined
  }

/**
 * Writes an info dictionary of v1 (BEP 3, 27, 38, 47), v2 (BEP 52) or both. The same tree and the same options always give the same bytes, and
 * so the same info-hash: nothing but what is needed is written, in the one canonical order.
 */
export function encodeInfo(info: InfoFields): Uint8Array {
  const { pieceHashes, piecesRoots, pieceLengthBytes } = info
  const fields = new Map<string, Bencodable>([
    ['name', info.name],
    ['piece length', pieceLengthBytes],
  ])
  if (info.isPrivate) fields.set('private', 1)
  const format = piecesRoots === undefined ? 'v1' : pieceHashes === undefined ? 'v2' : 'hybrid'
  const entries = entriesInOrder(info, format)
  if (format !== 'v1') {
    const leaves = entries.map((entry) => ({ ...entry, piecesRoot: entry.file === undefined ? undefined : piecesRoots?.[entry.file] }))
    fields.set('file tree', encodeFileTree(info.isSingleFile ? leaves.map((leaf) => ({ ...leaf, path: [info.name] })) : leaves))
    fields.set('meta version', 2)
  }
  if (pieceHashes !== undefined) {
    fields.set('pieces', pieceHashes)
    if (!info.isSingleFile) fields.set('files', encodeFileList(entries, format === 'hybrid' ? pieceLengthBytes : undefined))
    else for (const [key, value] of onlyFile(info)) fields.set(key, value)
  }
  for (const [key, value] of encodeOwnEntries(info)) fields.set(key, value)
  for (const [key, values] of hintFields(info.hints)) if (values.length > 0) fields.set(key, values)
  return encodeBencode(fields)
}

const NO_HINTS = { similar: [], collections: [] }

function hintFields({ similar, collections }: InfoFields['hints'] = NO_HINTS): readonly (readonly [string, readonly Bencodable[]])[] {
  const hashes = new Map(similar.map((hash) => [toHex(hash), hash]))
  const sorted = [...hashes].sort(([left], [right]) => (left < right ? -1 : 1))
  return [
    [SIMILAR_KEY, sorted.map(([, hash]) => hash)],
    [COLLECTIONS_KEY, [...new Set(collections)].map(utf8Bytes).sort(Buffer.compare)],
  ]
}

function onlyFile({ files }: InfoFields): readonly (readonly [string, Bencodable])[] {
  const length = ['length', files[0]?.lengthBytes ?? 0] as const
  return files[0]?.isExecutable === true ? [length, ['attr', 'x']] : [length]
}

/** An entry and, unless it is a link, its number among the files. */
type NumberedEntry = EncodedEntry & { readonly file: number | undefined }

/** Files in their order, and each link before the first file whose path comes after its own; both are sorted by their paths. */
function entriesInOrder({ files, symlinks = [] }: InfoFields, format: TorrentFormat): readonly NumberedEntry[] {
  const numbered = files.map((file, index): NumberedEntry => ({ ...file, file: index }))
  if (symlinks.length === 0) return numbered
  const links = symlinks.map((link) => ({
    entry: { ...link, lengthBytes: 0, kind: 'link', file: undefined } as const,
    key: pathKey(link.path, format),
  }))
  const entries: NumberedEntry[] = []
  let next = 0
  for (const entry of numbered) {
    const key = entry.kind === 'padding' ? undefined : pathKey(entry.path, format)
    for (let link = links[next]; key !== undefined && link !== undefined && Buffer.compare(link.key, key) < 0; link = links[++next]) {
      entries.push(link.entry)
    }
    entries.push(entry)
  }
  return [...entries, ...links.slice(next).map(({ entry }) => entry)]
}
