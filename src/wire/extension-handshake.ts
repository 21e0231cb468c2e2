import { utf8Bytes } from '../base/bytes.ts'
import { type Decoded, decoded, undecodable } from '../base/decoded.ts'
import {
  asBytes,
  asDictionary,
  asInteger,
  type Bencodable,
  type BencodeDictionary,
  decodeBencode,
  encodeBencode,
} from '../torrent/bencode.ts'
import { hostFromBytes, hostToBytes } from './compact-address.ts'
import type { ExtensionHandshake } from './extension-messages.ts'
import { hostNameIn } from './host-name-in.ts'
import { MAX_EXTENSIONS, MAX_METADATA_BYTES } from './wire-limits.ts'
import { zoneIn } from './zone-in.ts'

type Extensions = ExtensionHandshake['extensions']
type Writable<Value> = { -readonly [Key in keyof Value]: Value[Key] }

const extensionNames: readonly (readonly [keyof Extensions, string])[] = [
  ['metadata', 'ut_metadata'],
  ['peerExchange', 'ut_pex'],
  ['dontHave', 'lt_donthave'],
  // Ours; whoever does not know them skips them, and nobody sends a message under the number of a name that it does not know (BEP 10).
  ['copy', 'distro_copy'],
  ['copyHeard', 'distro_copy_heard'],
  ['parts', 'distro_parts'],
  ['partSums', 'distro_part_sums'],
]

// The integers that we use, each with the highest value that makes sense.
const integerLimits: readonly (readonly [string, number])[] = [
  ['metadata_size', MAX_METADATA_BYTES],
  ['p', 65_535],
  ['reqq', 2 ** 32 - 1],
  ['upload_only', 2 ** 32 - 1],
]

/**
 * Our own keys. Those of BEPs and of other clients are short common words (`v`, `p`, `e`, `reqq`, `ipv4`) or names of their extensions
 * below `m`; what begins with the name of this program clashes with none of them, and whoever does not know it skips it (BEP 10).
 */
const zoneKey = 'distro_zone'
const hostKey = 'distro_host'
const gathersKey = 'distro_gathers'

const maxClientCharacters = 64
// UTF-8 needs at most four bytes a character.
const maxClientBytes = 4 * maxClientCharacters

/** The payload of an extended handshake (BEP 10), with `metadata_size` of BEP 9 and `upload_only` of BEP 21. */
export function encodeExtensionHandshake(handshake: ExtensionHandshake): Uint8Array {
  const ids = new Map<string, Bencodable>()
  for (const [extension, name] of extensionNames) {
    const id = handshake.extensions[extension]
    if (id !== undefined) ids.set(name, id)
  }
  const fields = new Map<string, Bencodable>([['m', ids]])
  const put = (key: string, value: Bencodable | undefined): void => {
    if (value !== undefined) fields.set(key, value)
  }
  put(gathersKey, handshake.gathersCopies === undefined ? undefined : Number(handshake.gathersCopies))
  put(hostKey, handshake.hostName === undefined ? undefined : utf8Bytes(handshake.hostName))
  put(zoneKey, handshake.zone)
  put('metadata_size', handshake.metadataSizeBytes)
  put('p', handshake.listenPort)
  put('reqq', handshake.requestQueueLimit)
  put('upload_only', handshake.isUploadOnly === undefined ? undefined : Number(handshake.isUploadOnly))
  put('v', handshake.client)
  put('yourip', handshake.yourAddress === undefined ? undefined : hostToBytes(handshake.yourAddress))
  return encodeBencode(fields)
}

/**
 * Reads the payload of an extended handshake (BEP 10). Keys that we do not use are not looked at; the others must have their type
 * and range. A 0 means the same as no key, because real clients send both.
 */
export function decodeExtensionHandshake(payload: Uint8Array): Decoded<ExtensionHandshake> {
  const whole = decodeBencode(payload, { canonical: false, maxDepth: 8 })
  if (!whole.ok) return whole
  const fields = asDictionary(whole.value)
  if (fields === undefined) return undecodable('not a dictionary')
  for (const [key, limit] of integerLimits) {
    const value = fields.get(key)
    const integer = asInteger(value)
    if (value !== undefined && (integer === undefined || integer < 0 || integer > limit)) return undecodable(`${key} is not 0 to ${limit}`)
  }
  const extensions = readExtensions(fields)
  return extensions.ok ? decoded(describe(fields, extensions.value)) : extensions
}

function readExtensions(fields: BencodeDictionary): Decoded<Extensions> {
  const m = fields.get('m')
  const ids = m === undefined ? new Map() : asDictionary(m)
  if (ids === undefined) return undecodable('m is not a dictionary')
  if (ids.size > MAX_EXTENSIONS) return undecodable(`m has ${ids.size} entries`)
  for (const value of ids.values()) {
    const id = asInteger(value)
    if (id === undefined || id < 0 || id > 255) return undecodable('m has an id that is not 0 to 255')
  }
  const extensions: Writable<Extensions> = {}
  for (const [extension, name] of extensionNames) {
    const id = asInteger(ids.get(name))
    // 0 turns an extension off (BEP 10).
    if (id !== undefined && id > 0) extensions[extension] = id
  }
  return decoded(extensions)
}

function describe(fields: BencodeDictionary, extensions: Extensions): ExtensionHandshake {
  const handshake: Writable<ExtensionHandshake> = { extensions }
  const client = asBytes(fields.get('v'))
  if (client !== undefined && client.length > 0) handshake.client = printable(client)
  const listenPort = asInteger(fields.get('p'))
  if (listenPort) handshake.listenPort = listenPort
  const requestQueueLimit = asInteger(fields.get('reqq'))
  if (requestQueueLimit) handshake.requestQueueLimit = requestQueueLimit
  const yourAddress = asBytes(fields.get('yourip'))
  const host = yourAddress === undefined ? undefined : hostFromBytes(yourAddress)
  if (host !== undefined) handshake.yourAddress = host
  const metadataSizeBytes = asInteger(fields.get('metadata_size'))
  if (metadataSizeBytes) handshake.metadataSizeBytes = metadataSizeBytes
  const uploadOnly = asInteger(fields.get('upload_only'))
  if (uploadOnly !== undefined) handshake.isUploadOnly = uploadOnly > 0
  const zone = zoneIn(asBytes(fields.get(zoneKey)))
  if (zone !== undefined) handshake.zone = zone
  const gathers = asInteger(fields.get(gathersKey))
  if (gathers !== undefined) handshake.gathersCopies = gathers > 0
  const hostName = hostNameIn(asBytes(fields.get(hostKey)))
  if (hostName !== undefined) handshake.hostName = hostName
  return handshake
}

/** Text that cannot move a terminal's cursor or turn its writing direction: control, format and unassigned characters become `?`. */
function printable(bytes: Uint8Array): string {
  const text = new TextDecoder().decode(bytes.subarray(0, maxClientBytes)).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '?')
  return [...text].slice(0, maxClientCharacters).join('')
}
