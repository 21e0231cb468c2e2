import { concatBytes, utf8Bytes } from '../../src/base/bytes.ts'
import { type Bencodable, encodeBencode } from '../../src/torrent/bencode.ts'

/** Fields by name; undefined leaves one out. */
export type Fields = Readonly<Record<string, Bencodable | undefined>>

/** The bencoded dictionary of the fields that are given. */
export function dictionary(fields: Fields): ReadonlyMap<string, Bencodable> {
  return new Map(Object.entries(fields).filter((entry): entry is [string, Bencodable] => entry[1] !== undefined))
}

/** `count` piece hashes; each byte says which piece it belongs to. */
export function hashes(count: number): Uint8Array {
  return Uint8Array.from({ length: count * 20 }, (_, index) => Math.floor(index / 20) % 256)
}

/** An entry of `info.files`; the path is given with slashes. */
export function file(path: string, length: number, more: Fields = {}): ReadonlyMap<string, Bencodable> {
  return dictionary({ path: path.split('/'), length, ...more })
}

/** The fields of a sound info dictionary of one file, with some of them changed. */
export function singleInfo(changes: Fields = {}): ReadonlyMap<string, Bencodable> {
  return dictionary({ length: 40_000, name: 'release.bin', 'piece length': 16_384, pieces: hashes(3), ...changes })
}

/** The fields of a sound info dictionary of these files. */
export function folderInfo(files: readonly Bencodable[], changes: Fields = {}): ReadonlyMap<string, Bencodable> {
  return dictionary({ files, name: 'release', 'piece length': 16_384, pieces: hashes(1), ...changes })
}

/** A .torrent file around an info dictionary. */
export function torrent(info: Bencodable, more: Fields = {}): Uint8Array {
  return encodeBencode(dictionary({ info, ...more }))
}

/** The bytes of a dictionary whose fields stand as they are given, sorted or not, doubled or not. */
export function unsorted(fields: readonly (readonly [string, Bencodable])[]): Uint8Array {
  const parts = fields.flatMap(([key, value]) => [encodeBencode(key), encodeBencode(value)])
  return concatBytes([utf8Bytes('d'), ...parts, utf8Bytes('e')])
}

/** A .torrent file around info bytes as they are. */
export function torrentAround(infoBytes: Uint8Array): Uint8Array {
  return concatBytes([utf8Bytes('d4:info'), infoBytes, utf8Bytes('e')])
}
