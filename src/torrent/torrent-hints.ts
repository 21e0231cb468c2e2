import { fromUtf8, toHex } from '../base/bytes.ts'
import type { BencodeView } from './bencode-view.ts'
import type { TorrentHints } from './info.ts'
import type { TorrentFields } from './torrent-fields.ts'

/** The keys of hints, both in the info dictionary and around it (BEP 38). */
export const SIMILAR_KEY = 'similar'
export const COLLECTIONS_KEY = 'collections'

const MOST_HINTS = 100
const LONGEST_COLLECTION = 255
/** Of v1, and of v2: peers know that by the first part of it. */
const HASH_BYTES = 20
const HASH_BYTES_V2 = 32

/**
 * What a dictionary says of torrents that may share files with this one (BEP 38); undefined if it says nothing. Hints never make a torrent
 * unreadable: what is malformed, and what is too much, is left out and counted.
 */
export function readHints(fields: TorrentFields): TorrentHints | undefined {
  if (!fields.has(SIMILAR_KEY) && !fields.has(COLLECTIONS_KEY)) return undefined
  return mergeHints([
    hintsOf(fields.get(SIMILAR_KEY), (bytes) => ({ similar: isInfoHash(bytes) ? [bytes.slice(0, HASH_BYTES)] : [], collections: [] })),
    hintsOf(fields.get(COLLECTIONS_KEY), (bytes) => {
      const name = fromUtf8(bytes)
      return { similar: [], collections: name !== undefined && isCollectionName(name) ? [name] : [] }
    }),
  ])
}

/** Hints from several places as one: each once, 100 of each kind at most. Undefined if there are none anywhere. */
export function mergeHints(all: readonly (TorrentHints | undefined)[]): TorrentHints | undefined {
  const parts = all.filter((hints) => hints !== undefined)
  if (parts.length === 0) return undefined
  const similar = new Map(parts.flatMap((hints) => hints.similar.map((hash) => [toHex(hash), hash] as const)))
  const collections = new Set(parts.flatMap((hints) => hints.collections))
  const surplus = Math.max(0, similar.size - MOST_HINTS) + Math.max(0, collections.size - MOST_HINTS)
  return {
    similar: [...similar.values()].slice(0, MOST_HINTS),
    collections: [...collections].slice(0, MOST_HINTS),
    ignored: surplus + parts.reduce((sum, { ignored }) => sum + ignored, 0),
  }
}

/** True for what may be called a collection: 1 to 255 bytes of text. */
export function isCollectionName(name: string): boolean {
  return name !== '' && Buffer.byteLength(name) <= LONGEST_COLLECTION
}

function isInfoHash({ length }: Uint8Array): boolean {
  return length === HASH_BYTES || length === HASH_BYTES_V2
}

function hintsOf(list: BencodeView | undefined, read: (bytes: Uint8Array) => Omit<TorrentHints, 'ignored'>): TorrentHints | undefined {
  if (list === undefined) return undefined
  const values = list.items(MOST_HINTS + 1)
  if (values === undefined) return { similar: [], collections: [], ignored: 1 }
  const hints = values.slice(0, MOST_HINTS).map((value) => read(value.string() ?? new Uint8Array()))
  const similar = hints.flatMap((hint) => hint.similar)
  const collections = hints.flatMap((hint) => hint.collections)
  return { similar, collections, ignored: values.length - similar.length - collections.length }
}
