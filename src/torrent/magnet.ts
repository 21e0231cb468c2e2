import { formatAddress } from '../base/address.ts'
import { toHex } from '../base/bytes.ts'
import { DistroError } from '../base/errors.ts'
import { acceptUrl, TRACKER_PROTOCOLS, WEB_SEED_PROTOCOLS } from './accept-url.ts'
import { type FileRange, parseFileRanges } from './file-ranges.ts'
import { parseInfoHash, parseTaggedInfoHash } from './info-hash.ts'
import { type PeerHost, parsePeerHost } from './peer-host.ts'

/**
 * What a magnet says (BEP 9, 53). Everything but the info-hashes is a stranger's suggestion: nothing is looked up or dialled here.
 * One of the two info-hashes is there, and both for a hybrid torrent.
 */
export interface Magnet {
  /** SHA-1 (v1), 20 bytes. */
  readonly infoHash: Uint8Array | undefined
  /** SHA-256 (BEP 52), 32 bytes. */
  readonly infoHashV2: Uint8Array | undefined
  /** For display only, and to be escaped where it is shown; never a path. */
  readonly name: string | undefined
  /** `tr`: well-formed http, https and udp URLs. */
  readonly trackers: readonly string[]
  /** `x.pe`: addresses or host names. */
  readonly peers: readonly PeerHost[]
  /** `ws`: well-formed http and https URLs. */
  readonly webSeeds: readonly string[]
  /** `so`: which files are wanted, as ranges in ascending order; empty when all are. */
  readonly selectedFiles: readonly FileRange[]
  /** What was left out and why, in one sentence each. */
  readonly warnings: readonly string[]
}

/** What a magnet is made of; one of the info-hashes is required. */
export type MagnetFields = Partial<Pick<Magnet, 'infoHash' | 'infoHashV2' | 'name' | 'trackers' | 'peers' | 'webSeeds'>>

/**
 * Reads a magnet of at most 64 KiB. Throws MAGNET_INVALID with the parameter named, LIMIT_EXCEEDED for one that is too large, and
 * TORRENT_UNSUPPORTED for a public key (`urn:btpk`, BEP 46) without an info-hash beside it.
 */
export function parseMagnet(text: string): Magnet {
  if (text.length > LONGEST) throw tooLarge(`it has ${text.length} characters, more than ${LONGEST}`)
  const magnet = text
    .trim()
    .replace(/^(["'])(.*)\1$/s, '$2')
    .trim()
  const prefix = /^(?:stream-)?magnet:\??/i.exec(magnet)?.[0]
  if (prefix === undefined) throw invalidMagnet('it does not start with "magnet:?"')
  const values = splitParameters(magnet.slice(prefix.length), prefix.length)
  const warnings: string[] = []
  const kept = <Value>(key: string, what: string, read: (value: string) => Value | undefined, keyOf: (value: Value) => string): Value[] => {
    const found = new Map<string, Value>()
    let ignored = 0
    for (const value of values.get(key) ?? []) {
      const item = read(value)
      if (item === undefined || (found.size >= MOST_ENTRIES && !found.has(keyOf(item)))) ignored++
      else found.set(keyOf(item), item)
    }
    if (ignored > 0)
      warnings.push(`${ignored} of the magnet's ${what} (${key}) ignored: malformed, of another kind, or more than ${MOST_ENTRIES}.`)
    return [...found.values()]
  }
  return {
    ...infoHashesFrom(values),
    name: values.get('dn')?.[0]?.slice(0, LONGEST_NAME),
    trackers: kept('tr', 'trackers', (value) => acceptUrl(value, TRACKER_PROTOCOLS), String),
    peers: kept('x.pe', 'peers', parsePeerHost, (peer) => `${peer.host} ${peer.port}`),
    webSeeds: kept('ws', 'web seeds', (value) => acceptUrl(value, WEB_SEED_PROTOCOLS), String),
    selectedFiles: parseFileRanges(values.get('so') ?? []),
    warnings,
  }
}

/** Writes a magnet: `xt`, `dn`, `tr`, `x.pe`, `ws`, in this order, each value percent-encoded once. */
export function formatMagnet(fields: MagnetFields): string {
  const parameters: string[] = []
  if (fields.infoHash !== undefined) parameters.push(`xt=urn:btih:${toHex(fields.infoHash)}`)
  if (fields.infoHashV2 !== undefined) parameters.push(`xt=urn:btmh:1220${toHex(fields.infoHashV2)}`)
  if (fields.name !== undefined) parameters.push(`dn=${percentEncode(fields.name)}`)
  for (const url of fields.trackers ?? []) parameters.push(`tr=${percentEncode(url)}`)
  // Other clients read `x.pe` without decoding it; an address holds nothing that needs it.
  for (const peer of fields.peers ?? []) parameters.push(`x.pe=${formatAddress(peer)}`)
  for (const url of fields.webSeeds ?? []) parameters.push(`ws=${percentEncode(url)}`)
  return `magnet:?${parameters.join('&')}`
}

/** A MAGNET_INVALID that says `what` is wrong, in a sentence without its full stop. */
export function invalidMagnet(what: string): DistroError {
  return new DistroError('MAGNET_INVALID', `The magnet is malformed: ${what}.`, {
    hint: 'Copy it again, whole and between quotes: a shell cuts it at the first "&" otherwise.',
  })
}

const LONGEST = 65_536
const LONGEST_NAME = 1_000
const MOST_PARAMETERS = 2_000
const MOST_ENTRIES = 100

/** The values by key, in order; `tr.1` counts as `tr`. `offset` is where the parameters start in the magnet, for messages. */
function splitParameters(text: string, offset: number): ReadonlyMap<string, readonly string[]> {
  const values = new Map<string, string[]>()
  let start = offset
  let count = 0
  for (const parameter of text.split('&')) {
    if (++count > MOST_PARAMETERS) throw tooLarge(`it has more than ${MOST_PARAMETERS} parameters`)
    const equals = parameter.indexOf('=')
    if (equals > 0) {
      const key = parameter
        .slice(0, equals)
        .toLowerCase()
        .replace(/\.\d{1,4}$/, '')
      const value = percentDecode(parameter.slice(equals + 1), start + equals + 1, key === 'dn')
      const known = values.get(key)
      if (known === undefined) values.set(key, [value])
      else known.push(value)
    }
    start += parameter.length + 1
  }
  return values
}

function percentDecode(text: string, offset: number, plusIsSpace: boolean): string {
  const bad = /%(?![0-9A-Fa-f]{2})/.exec(text)
  if (bad !== null) throw invalidMagnet(`a percent sign without two hexadecimal digits at character ${offset + bad.index + 1}`)
  try {
    return decodeURIComponent(plusIsSpace ? text.replaceAll('+', ' ') : text)
  } catch (cause) {
    if (!(cause instanceof URIError)) throw cause
    throw invalidMagnet(`percent escapes that are not UTF-8 after character ${offset}`)
  }
}

function infoHashesFrom(values: ReadonlyMap<string, readonly string[]>): Pick<Magnet, 'infoHash' | 'infoHashV2'> {
  const topics = values.get('xt') ?? []
  const infoHash = theHash(topics, 'urn:btih:', parseInfoHash, 'the info-hash in xt must be 40 hexadecimal or 32 base32 characters')
  const v2Form = 'the v2 info-hash in xt must be 1220 and 64 hexadecimal characters'
  const infoHashV2 = theHash(topics, 'urn:btmh:', parseTaggedInfoHash, v2Form)
  if (infoHash !== undefined || infoHashV2 !== undefined) return { infoHash, infoHashV2 }
  const sources = [...topics, ...(values.get('xs') ?? [])]
  if (sources.some((source) => /^urn:btpk:/i.test(source))) throw unsupported('it names a public key (urn:btpk, BEP 46)')
  throw invalidMagnet('it has no BitTorrent info-hash (xt=urn:btih:... or xt=urn:btmh:...)')
}

/** The one info-hash of a kind; undefined if none is named. */
function theHash(
  topics: readonly string[],
  prefix: string,
  parse: (text: string) => Uint8Array | undefined,
  form: string,
): Uint8Array | undefined {
  const hashes = new Map<string, Uint8Array>()
  for (const topic of topics) {
    if (!topic.toLowerCase().startsWith(prefix)) continue
    const infoHash = parse(topic.slice(prefix.length))
    if (infoHash === undefined) throw invalidMagnet(form)
    hashes.set(toHex(infoHash), infoHash)
  }
  const [infoHash, another] = hashes.values()
  if (another !== undefined) throw invalidMagnet('it names two different info-hashes (xt)')
  return infoHash
}

function percentEncode(text: string): string {
  const wellFormed = text.replace(/\p{Cs}/gu, '\ufffd')
  return encodeURIComponent(wellFormed).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
}

function tooLarge(what: string): DistroError {
  return new DistroError('LIMIT_EXCEEDED', `The magnet is too large: ${what}.`, {
    hint: 'Leave out trackers: peers are found without them.',
  })
}

function unsupported(what: string): DistroError {
  return new DistroError('TORRENT_UNSUPPORTED', `The magnet is not supported: ${what}; distro needs an info-hash.`, {
    hint: 'Use a magnet with xt=urn:btih:, or the .torrent file.',
  })
}
