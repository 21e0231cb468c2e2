import { asDictionary, type Bencodable, type BencodeDictionary, decodeBencode, encodeBencode } from '../../../src/torrent/bencode.ts'

/** Fields of a message or of its arguments; undefined leaves one out. */
export type Fields = Readonly<Record<string, Bencodable | undefined>>

/** 20 equal bytes. */
export function idOf(byte: number): Uint8Array {
  return new Uint8Array(20).fill(byte)
}

/** A bencoded dictionary of the fields that are there. */
export function dictionary(fields: Fields): ReadonlyMap<string, Bencodable> {
  return new Map(Object.entries(fields).filter((entry): entry is [string, Bencodable] => entry[1] !== undefined))
}

/** The fields of a message. */
export function fieldsOf(bytes: Uint8Array): BencodeDictionary {
  const value = decodeBencode(bytes)
  const fields = value.ok ? asDictionary(value.value) : undefined
  if (fields === undefined) throw new Error('not a dictionary')
  return fields
}

/** A question as a node sends it, with some arguments and outer fields replaced. */
export function question(method: string, more: Fields = {}, outer: Fields = {}): Uint8Array {
  const sound = soundArguments[method] ?? {}
  return encodeBencode(dictionary({ a: dictionary({ id: idOf(1), ...sound, ...more }), q: method, t: 'aa', y: 'q', ...outer }))
}

/** A reply as a node sends it. */
export function reply(more: Fields = {}, outer: Fields = {}): Uint8Array {
  return encodeBencode(dictionary({ r: dictionary({ id: idOf(2), ...more }), t: 'aa', y: 'r', ...outer }))
}

/** What each method needs. */
const soundArguments: Readonly<Record<string, Fields>> = {
  find_node: { target: idOf(3) },
  get_peers: { info_hash: idOf(3) },
  announce_peer: { info_hash: idOf(3), port: 6881, token: 'token' },
  get: { target: idOf(3) },
  put: { token: 'token', v: 'value' },
}

/** Six bytes of a peer. */
export function compactPeer(host: string, port: number): Uint8Array {
  return Uint8Array.of(...host.split('.').map(Number), port >> 8, port & 255)
}

/** 26 bytes of a node. */
export function compactNode(id: number, host: string, port: number): Uint8Array {
  return Uint8Array.of(...idOf(id), ...compactPeer(host, port))
}
