/**
 * What may pass between the network and the DHT library. The library trusts the shape of what it decodes: a token that is a list, or an
 * id of 19 bytes, makes it throw outside of any call of ours, which ends the process. So nothing reaches it but canonical bencode of the
 * shape that BEP 5, 43 and 44 describe, and each field has one row in a table here.
 */
import { type Decoded, decoded, undecodable } from '../base/decoded.ts'
import { BencodeScanner } from '../torrent/bencode-scanner.ts'

/** The questions of BEP 5 and BEP 44; others are dropped. */
export type KrpcMethod = 'ping' | 'find_node' | 'get_peers' | 'announce_peer' | 'get' | 'put'

/** Where the parts of a sound KRPC message (BEP 5) stand in its bytes; an offset of -1 means that there is no such part. */
export interface KrpcMessage {
  readonly kind: 'query' | 'reply' | 'error'
  readonly method: KrpcMethod | undefined
  /** The content of `t`, without its length prefix. */
  readonly transactionStart: number
  readonly transactionEnd: number
  /** The 20 bytes of the sender's id. */
  readonly idStart: number
  /** The 20 bytes of `info_hash`. */
  readonly infoHashStart: number
  /** The content of `token`. */
  readonly tokenStart: number
  readonly tokenEnd: number
  /** The content of `nodes`: 26 bytes a node. */
  readonly nodesStart: number
  readonly nodesEnd: number
  /** The list `values`, from its `l` to behind its `e`: 8 bytes a peer between them. */
  readonly valuesStart: number
  readonly valuesEnd: number
  /** The port that an announce names; the sender's own if 0. */
  readonly announcedPort: number
  /** BEP 43: the sender answers no questions, so it has no place in a routing table. */
  readonly isReadOnly: boolean
}

/** Datagrams longer than this are dropped: four times what an honest node sends, in bytes. */
export const MAX_KRPC_BYTES = 4_096

/** Bytes of one IPv4 node in `nodes`: id, address and port (BEP 5). */
export const COMPACT_NODE_BYTES = 26

/** Bytes of one IPv4 peer in `values`, the prefix `6:` included. */
export const LISTED_PEER_BYTES = 8

/**
 * Reads the shape of one datagram. The fault is one of a few fixed words, fit to count by: `size`, `bencode`, `kind`, `method`,
 * or the name of the field that is missing or has the wrong type, size or range.
 */
export function checkKrpc(bytes: Uint8Array, maxBytes: number = MAX_KRPC_BYTES): Decoded<KrpcMessage> {
  if (bytes.length < 16 || bytes.length > maxBytes) return undecodable('size')
  // The library behind keeps dictionaries in plain objects.
  if (Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes('9:__proto__')) return undecodable('bencode')
  const scanner = new BencodeScanner(bytes)
  if (!scanner.isAtDictionary) return undecodable('bencode')
  const found = new Found()
  const fault = readFields(bytes, scanner, outerFields, found)
  if (fault !== undefined) return undecodable(fault)
  return scanner.position === bytes.length ? messageOf(bytes, found) : undecodable('bencode')
}

/** How deep the fields may be that nobody reads. */
const UNREAD = { maxDepth: 6 }

/** What a field must look like. */
type Rule =
  | { readonly type: 'string'; readonly min: number; readonly max: number; readonly multiple: number }
  | { readonly type: 'integer'; readonly min: number; readonly max: number }
  | { readonly type: 'peers' }
  | { readonly type: 'fault' }
  | { readonly type: 'fields' }
  | { readonly type: 'any'; readonly maxBytes: number }

interface Field {
  readonly name: string
  readonly slot: number
  readonly rule: Rule
}

let slots = 0

function field(name: string, rule: Rule): Field {
  return { name, slot: slots++, rule }
}

function bytesOf(min: number, max: number = min, multiple = 1): Rule {
  return { type: 'string', min, max, multiple }
}

function integerFrom(min: number, max: number): Rule {
  return { type: 'integer', min, max }
}

const ARGUMENTS = field('a', { type: 'fields' })
const ERROR = field('e', { type: 'fault' })
const METHOD = field('q', bytesOf(1, 32))
const RESULT = field('r', { type: 'fields' })
const READ_ONLY = field('ro', integerFrom(0, 1))
const TRANSACTION = field('t', bytesOf(1, 32))
const KIND = field('y', bytesOf(1))

const ID = field('id', bytesOf(20))
const INFO_HASH = field('info_hash', bytesOf(20))
const TARGET = field('target', bytesOf(20))
const TOKEN = field('token', bytesOf(1, 64))
const PORT = field('port', integerFrom(0, 65_535))
const IMPLIED_PORT = field('implied_port', integerFrom(0, 1))
const NODES = field('nodes', bytesOf(0, Number.MAX_SAFE_INTEGER, COMPACT_NODE_BYTES))
const NODES6 = field('nodes6', bytesOf(0, Number.MAX_SAFE_INTEGER, 38))
const VALUES = field('values', { type: 'peers' })
const VALUE = field('v', { type: 'any', maxBytes: 1_000 })
const PUBLIC_KEY = field('k', bytesOf(32))
const SIGNATURE = field('sig', bytesOf(64))
const SEQUENCE = field('seq', integerFrom(0, Number.MAX_SAFE_INTEGER))
const COMPARE = field('cas', integerFrom(0, Number.MAX_SAFE_INTEGER))
const SALT = field('salt', bytesOf(0, 64))

const outerFields = byLength([ARGUMENTS, ERROR, METHOD, RESULT, READ_ONLY, TRANSACTION, KIND])
const innerFields = byLength([
  ...[ID, INFO_HASH, TARGET, TOKEN, PORT, IMPLIED_PORT, NODES, NODES6, VALUES],
  ...[VALUE, PUBLIC_KEY, SIGNATURE, SEQUENCE, COMPARE, SALT],
])

const requiredArguments: Readonly<Record<KrpcMethod, readonly Field[]>> = {
  ping: [],
  find_node: [TARGET],
  get_peers: [INFO_HASH],
  announce_peer: [INFO_HASH, TOKEN],
  get: [TARGET],
  put: [TOKEN, VALUE],
}
const methods = Object.keys(requiredArguments) as readonly KrpcMethod[]

function byLength(fields: readonly Field[]): readonly (readonly Field[])[] {
  const longest = Math.max(...fields.map(({ name }) => name.length))
  return Array.from({ length: longest + 1 }, (_, length) => fields.filter(({ name }) => name.length === length))
}

/** Where each field was found: the content of a string, the whole of a list or dictionary; and the integers. */
class Found {
  readonly starts: Int32Array = new Int32Array(slots).fill(-1)
  readonly ends: Int32Array = new Int32Array(slots).fill(-1)
  readonly integers: Float64Array = new Float64Array(slots)

  has(wanted: Field): boolean {
    return this.start(wanted) >= 0
  }

  start(wanted: Field): number {
    return this.starts[wanted.slot] as number
  }

  end(wanted: Field): number {
    return this.ends[wanted.slot] as number
  }

  integer(wanted: Field): number {
    return this.integers[wanted.slot] as number
  }
}

function readFields(bytes: Uint8Array, scanner: BencodeScanner, table: readonly (readonly Field[])[], found: Found): string | undefined {
  scanner.position++
  let keyStart = -1
  let keyEnd = -1
  while (!scanner.isAtEnd) {
    if (!scanner.readKey(keyStart, keyEnd)) return 'bencode'
    keyStart = scanner.start
    keyEnd = scanner.end
    const known = fieldAt(bytes, keyStart, keyEnd, table)
    if (known === undefined) {
      if (!scanner.skip(UNREAD)) return 'bencode'
      continue
    }
    const fault = readField(bytes, scanner, known, found)
    if (fault !== undefined) return fault
  }
  scanner.position++
  return undefined
}

function fieldAt(bytes: Uint8Array, start: number, end: number, table: readonly (readonly Field[])[]): Field | undefined {
  const candidates = table[end - start]
  if (candidates === undefined) return undefined
  for (const candidate of candidates) if (spells(bytes, start, candidate.name)) return candidate
  return undefined
}

function spells(bytes: Uint8Array, start: number, word: string): boolean {
  for (let index = 0; index < word.length; index++) if (bytes[start + index] !== word.charCodeAt(index)) return false
  return true
}

function readField(bytes: Uint8Array, scanner: BencodeScanner, { name, slot, rule }: Field, found: Found): string | undefined {
  let start = scanner.position
  if (rule.type === 'string') {
    if (!scanner.readString()) return name
    start = scanner.start
    const length = scanner.end - start
    if (length < rule.min || length > rule.max || length % rule.multiple !== 0) return name
  } else if (rule.type === 'integer') {
    if (!scanner.readInteger() || scanner.integer < rule.min || scanner.integer > rule.max) return name
    found.integers[slot] = scanner.integer
  } else if (rule.type === 'fields') {
    // Both kinds share one set of places, so a message with `a` and `r` would describe neither.
    if (!scanner.isAtDictionary || found.has(ARGUMENTS)) return name
    const fault = readFields(bytes, scanner, innerFields, found)
    if (fault !== undefined) return fault
  } else if (rule.type === 'peers') {
    if (!readPeers(scanner)) return name
  } else if (rule.type === 'fault') {
    if (!readFault(scanner)) return name
  } else if (!scanner.skip(UNREAD) || scanner.position - start > rule.maxBytes) {
    return name
  }
  found.starts[slot] = start
  found.ends[slot] = scanner.position
  return undefined
}

function readPeers(scanner: BencodeScanner): boolean {
  if (!scanner.isAtList) return false
  scanner.position++
  while (!scanner.isAtEnd) if (!scanner.readString() || scanner.end - scanner.start !== 6) return false
  scanner.position++
  return true
}

/** BEP 5: `e` is a list of a code and a sentence. */
function readFault(scanner: BencodeScanner): boolean {
  if (!scanner.isAtList) return false
  scanner.position++
  if (!scanner.readInteger() || !scanner.readString() || !scanner.isAtEnd) return false
  scanner.position++
  return true
}

function messageOf(bytes: Uint8Array, found: Found): Decoded<KrpcMessage> {
  if (!found.has(TRANSACTION)) return undecodable(TRANSACTION.name)
  switch (bytes[found.start(KIND)]) {
    case 0x71:
      return queryOf(bytes, found)
    case 0x72:
      if (!found.has(RESULT)) return undecodable(RESULT.name)
      return found.has(ID) ? decoded(describe('reply', undefined, found)) : undecodable(ID.name)
    case 0x65:
      return found.has(ERROR) ? decoded(describe('error', undefined, found)) : undecodable(ERROR.name)
    default:
      return undecodable('kind')
  }
}

function queryOf(bytes: Uint8Array, found: Found): Decoded<KrpcMessage> {
  if (!found.has(ARGUMENTS)) return undecodable(ARGUMENTS.name)
  if (!found.has(ID)) return undecodable(ID.name)
  const length = found.end(METHOD) - found.start(METHOD)
  const method = methods.find((name) => name.length === length && spells(bytes, found.start(METHOD), name))
  if (method === undefined) return undecodable('method')
  for (const required of requiredArguments[method]) if (!found.has(required)) return undecodable(required.name)
  if (method === 'announce_peer' && found.integer(PORT) === 0 && found.integer(IMPLIED_PORT) === 0) return undecodable(PORT.name)
  if (method === 'put' && (found.has(PUBLIC_KEY) || found.has(SIGNATURE))) {
    for (const required of [PUBLIC_KEY, SIGNATURE, SEQUENCE]) if (!found.has(required)) return undecodable(required.name)
  }
  return decoded(describe('query', method, found))
}

function describe(kind: KrpcMessage['kind'], method: KrpcMethod | undefined, found: Found): KrpcMessage {
  return {
    kind,
    method,
    transactionStart: found.start(TRANSACTION),
    transactionEnd: found.end(TRANSACTION),
    idStart: found.start(ID),
    infoHashStart: found.start(INFO_HASH),
    tokenStart: found.start(TOKEN),
    tokenEnd: found.end(TOKEN),
    nodesStart: found.start(NODES),
    nodesEnd: found.end(NODES),
    valuesStart: found.start(VALUES),
    valuesEnd: found.end(VALUES),
    announcedPort: found.integer(IMPLIED_PORT) === 1 ? 0 : found.integer(PORT),
    isReadOnly: found.integer(READ_ONLY) === 1,
  }
}
