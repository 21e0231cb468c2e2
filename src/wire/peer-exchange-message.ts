import type { PeerAddress } from '../base/address.ts'
import { concatBytes } from '../base/bytes.ts'
import { type Decoded, decoded, undecodable } from '../base/decoded.ts'
import { asBytes, asDictionary, type BencodeDictionary, decodeBencode, encodeBencode } from '../torrent/bencode.ts'
import { hostFromBytes, hostToBytes } from './compact-address.ts'
import type { ExchangedPeer, PeerExchangeMessage } from './extension-messages.ts'
import { MAX_EXCHANGED_PEERS } from './wire-limits.ts'

const seedFlag = 0x02

/** The two address families of BEP 11 with the bytes that an address takes and the suffix of its keys. */
const families = [
  { hostBytes: 4, suffix: '' },
  { hostBytes: 16, suffix: '6' },
] as const

/** The payload of a ut_pex message (BEP 11); at most 50 added and 50 dropped addresses of each family go in. */
export function encodePeerExchange(message: PeerExchangeMessage): Uint8Array {
  const fields = new Map<string, Uint8Array>()
  for (const { hostBytes, suffix } of families) {
    const added = compact(message.added, hostBytes)
    fields.set(`added${suffix}`, added.bytes)
    fields.set(
      `added${suffix}.f`,
      Uint8Array.from(added.peers, (peer) => (peer.isSeed ? seedFlag : 0)),
    )
    fields.set(`dropped${suffix}`, compact(message.dropped, hostBytes).bytes)
  }
  return encodeBencode(fields)
}

/** Reads a ut_pex message (BEP 11). Of each list the first 50 entries are kept; those that can be no peer are left out. */
export function decodePeerExchange(payload: Uint8Array): Decoded<PeerExchangeMessage> {
  const whole = decodeBencode(payload, { canonical: false, maxDepth: 8 })
  if (!whole.ok) return whole
  const fields = asDictionary(whole.value)
  if (fields === undefined) return undecodable('not a dictionary')
  const added: ExchangedPeer[] = []
  const dropped: PeerAddress[] = []
  for (const { hostBytes, suffix } of families) {
    const addedBytes = listOf(fields, `added${suffix}`, hostBytes + 2)
    if (!addedBytes.ok) return addedBytes
    const droppedBytes = listOf(fields, `dropped${suffix}`, hostBytes + 2)
    if (!droppedBytes.ok) return droppedBytes
    const flags = asBytes(fields.get(`added${suffix}.f`))
    eachAddress(addedBytes.value, hostBytes, (address, index) => {
      added.push({ ...address, isSeed: ((flags?.[index] ?? 0) & seedFlag) !== 0 })
    })
    eachAddress(droppedBytes.value, hostBytes, (address) => dropped.push(address))
  }
  return decoded({ added, dropped })
}

function compact<Peer extends PeerAddress>(all: readonly Peer[], hostBytes: number): { peers: Peer[]; bytes: Uint8Array } {
  const peers: Peer[] = []
  const parts: Uint8Array[] = []
  for (const peer of all) {
    const host = hostToBytes(peer.host)
    if (host?.length !== hostBytes) continue
    if (peers.length === MAX_EXCHANGED_PEERS) break
    peers.push(peer)
    parts.push(host, Uint8Array.of(peer.port >> 8, peer.port & 255))
  }
  return { peers, bytes: concatBytes(parts) }
}

function listOf(fields: BencodeDictionary, key: string, entryBytes: number): Decoded<Uint8Array> {
  const value = fields.get(key)
  if (value === undefined) return decoded(new Uint8Array(0))
  const bytes = asBytes(value)
  if (bytes === undefined) return undecodable(`${key} is not a string`)
  return bytes.length % entryBytes === 0 ? decoded(bytes) : undecodable(`${key} has ${bytes.length} bytes, not ${entryBytes} for each`)
}

function eachAddress(list: Uint8Array, hostBytes: number, take: (address: PeerAddress, index: number) => void): void {
  const entryBytes = hostBytes + 2
  const count = Math.min(list.length / entryBytes, MAX_EXCHANGED_PEERS)
  for (let index = 0; index < count; index++) {
    const at = index * entryBytes
    const bytes = list.subarray(at, at + hostBytes)
    const port = ((list[at + hostBytes] as number) << 8) | (list[at + hostBytes + 1] as number)
    const host = hostFromBytes(bytes)
    if (host !== undefined && port > 0 && isUnicast(bytes)) take({ host, port }, index)
  }
}

/** False for "this host", multicast, broadcast and reserved addresses, which no peer can have. */
function isUnicast(host: Uint8Array): boolean {
  const first = host[0] as number
  return host.length === 4 ? first > 0 && first < 224 : first !== 0xff && host.some((byte) => byte !== 0)
}
