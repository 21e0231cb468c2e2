import { isAbsolute, join, sep } from 'node:path'
import { fromUtf8 } from '../../base/bytes.ts'
import { type Decoded, decoded, undecodable } from '../../base/decoded.ts'
import {
  asBytes,
  asDictionary,
  asInteger,
  asList,
  asText,
  type Bencodable,
  type Bencode,
  decodeBencode,
  encodeBencode,
} from '../../torrent/bencode.ts'
import type { TorrentHints } from '../../torrent/info.ts'

/** One file with content of a tree that this host holds. */
export interface KnownFile {
  /** Below the folder of the tree, with `/` between names; of a single file its name in the torrent. */
  readonly path: string
  /** More than 0. */
  readonly lengthBytes: number
  /** The root of its merkle tree (BEP 52), as `rootKey` writes it; undefined where the torrent was of v1. */
  readonly root: string | undefined
}

/** Hints at similar torrents, as they are kept. */
export type KnownHints = Pick<TorrentHints, 'similar' | 'collections'>

/** A tree that a fetch placed on this host or a seed published from it, as it was then. */
export interface KnownTree {
  /** Of 20 bytes: those by which peers know it, both of a hybrid. */
  readonly infoHashes: readonly Uint8Array[]
  /** Where the tree, or the single file, stands; absolute. */
  readonly place: string
  readonly isSingleFile: boolean
  /** All of them have a root, or none has. */
  readonly files: readonly KnownFile[]
  /** What its torrent says of similar ones (BEP 38). */
  readonly hints: KnownHints
  /** When it was noted, in milliseconds since 1970. */
  readonly notedMs: number
}

/** Where a file of a tree stands, or stood; absolute. */
export function pathOfKnown({ place, isSingleFile }: KnownTree, { path }: KnownFile): string {
  return isSingleFile ? place : join(place, path)
}

const VERSION = 1
const HASH_BYTES = 20
const ROOT_BYTES = 32
const LENGTH_BYTES = 8
const MOST_FILES = 200_000
const MOST_HINTS = 100
const LONGEST_PLACE = 4_096

/**
 * The bytes of the record of a tree: a bencoded dictionary with the lengths (8 bytes each, big-endian), the paths (with a zero between
 * two) and the roots of its files in three strings, so that reading many records costs little.
 */
export function encodeKnownTree({ infoHashes, place, isSingleFile, files, hints, notedMs }: KnownTree): Uint8Array {
  const lengths = new DataView(new ArrayBuffer(files.length * LENGTH_BYTES))
  for (const [index, { lengthBytes }] of files.entries()) lengths.setBigUint64(index * LENGTH_BYTES, BigInt(lengthBytes))
  const roots = files.flatMap(({ root }) => root ?? [])
  const fields = new Map<string, Bencodable>([
    ['hashes', infoHashes],
    ['lengths', new Uint8Array(lengths.buffer)],
    ['noted', notedMs],
    ['paths', files.map(({ path }) => path).join('\0')],
    ['place', place],
    ['single', isSingleFile ? 1 : 0],
    ['version', VERSION],
  ])
  if (hints.similar.length > 0) fields.set('similar', hints.similar)
  if (hints.collections.length > 0) fields.set('collections', hints.collections)
  if (roots.length > 0) fields.set('roots', Buffer.from(roots.join(''), 'latin1'))
  return encodeBencode(fields)
}

/** Reads a record back. Paths that lead out of the folder are a fault, as is anything else that `encodeKnownTree` does not write. */
export function decodeKnownTree(bytes: Uint8Array): Decoded<KnownTree> {
  const value = decodeBencode(bytes)
  if (!value.ok) return value
  const fields = asDictionary(value.value)
  if (fields === undefined || asInteger(fields.get('version')) !== VERSION) return undecodable('not a record of this version')
  const place = asText(fields.get('place'))
  if (place === undefined || !isAbsolute(place) || place.length > LONGEST_PLACE || place.includes('\0')) return undecodable('place')
  const isSingleFile = fields.get('single') === 1
  const infoHashes = asList(fields.get('hashes'))?.map(asBytes) ?? []
  if (infoHashes.length < 1 || infoHashes.length > 2 || !infoHashes.every(isHash)) return undecodable('hashes')
  const similar = hintsIn(fields.get('similar'), (value) => (isHash(asBytes(value)) ? asBytes(value) : undefined))
  const collections = hintsIn(fields.get('collections'), asText)
  if (similar === undefined || collections === undefined) return undecodable('hints')
  const notedMs = asInteger(fields.get('noted'))
  if (notedMs === undefined || notedMs < 0) return undecodable('noted')
  const lengths = lengthsIn(asBytes(fields.get('lengths')))
  if (lengths === undefined) return undecodable('lengths')
  const paths = pathsIn(asBytes(fields.get('paths')))
  if (paths?.length !== lengths.length) return undecodable('paths')
  const roots = fields.has('roots') ? asBytes(fields.get('roots')) : new Uint8Array()
  const hasRoots = roots !== undefined && roots.length > 0
  if (roots === undefined || (hasRoots && roots.length !== lengths.length * ROOT_BYTES)) return undecodable('roots')
  const keys = Buffer.from(roots.buffer, roots.byteOffset, roots.length)
  const files = lengths.map((lengthBytes, index) => ({
    path: paths[index] as string,
    lengthBytes,
    root: hasRoots ? keys.toString('latin1', index * ROOT_BYTES, (index + 1) * ROOT_BYTES) : undefined,
  }))
  return isSingleFile && files.length > 1
    ? undecodable('single')
    : decoded({ infoHashes, place, isSingleFile, files, hints: { similar, collections }, notedMs })
}

function hintsIn<Hint>(value: Bencode | undefined, read: (value: Bencode) => Hint | undefined): readonly Hint[] | undefined {
  const hints = value === undefined ? [] : asList(value)?.map(read)
  return hints !== undefined && hints.length <= MOST_HINTS && hints.every((hint) => hint !== undefined) ? hints : undefined
}

function isHash(hash: Uint8Array | undefined): hash is Uint8Array {
  return hash?.length === HASH_BYTES
}

function lengthsIn(bytes: Uint8Array | undefined): number[] | undefined {
  if (bytes === undefined || bytes.length % LENGTH_BYTES !== 0) return undefined
  const count = bytes.length / LENGTH_BYTES
  if (count < 1 || count > MOST_FILES) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const lengths = Array.from({ length: count }, (_, index) => Number(view.getBigUint64(index * LENGTH_BYTES)))
  return lengths.every((length) => length > 0 && Number.isSafeInteger(length)) ? lengths : undefined
}

/** Where a backslash separates names too, no torrent is taken that has it in one. */
const LEADS_ASTRAY = sep === '/' ? /(?:^|[/\0])\.{0,2}(?:[/\0]|$)/ : /(?:^|[/\0])\.{0,2}(?:[/\0]|$)|\\/

function pathsIn(bytes: Uint8Array | undefined): readonly string[] | undefined {
  const text = bytes === undefined ? undefined : fromUtf8(bytes)
  return text === undefined || LEADS_ASTRAY.test(text) ? undefined : text.split('\0')
}
