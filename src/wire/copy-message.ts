import type { PeerAddress } from '../base/address.ts'
import { utf8Bytes } from '../base/bytes.ts'
import { type Decoded, decoded, undecodable } from '../base/decoded.ts'
import { asBytes, asDictionary, asInteger, type Bencodable, decodeBencode, encodeBencode } from '../torrent/bencode.ts'
import { hostFromBytes, hostToBytes } from './compact-address.ts'
import type { CopyMessage } from './extension-messages.ts'
import { hostNameIn } from './host-name-in.ts'
import { HOST_ID_BYTES, MAX_COPY_AGE_MS } from './wire-limits.ts'
import { zoneIn } from './zone-in.ts'

/** The payload of both messages about copies (BEP 10): that a host holds the tree, and that this was heard. */
export function encodeCopyMessage({ hostId, hostName, zone, isRelayed, address, ageMs }: CopyMessage): Uint8Array {
  const fields = new Map<string, Bencodable>()
  const place = address === undefined ? undefined : placeBytes(address)
  if (place !== undefined) fields.set('address', place)
  if (ageMs !== undefined) fields.set('age', ageMs)
  fields.set('host', hostId)
  if (hostName !== undefined) fields.set('name', utf8Bytes(hostName))
  if (isRelayed === true) fields.set('relay', 1)
  if (zone !== undefined) fields.set('zone', zone)
  return encodeBencode(fields)
}

/** Reads the payload of a message about a copy; the host's id is a copy of its bytes. Keys that we do not know are not looked at. */
export function decodeCopyMessage(payload: Uint8Array): Decoded<CopyMessage> {
  const whole = decodeBencode(payload, { maxDepth: 8 })
  if (!whole.ok) return whole
  const fields = asDictionary(whole.value)
  if (fields === undefined) return undecodable('not a dictionary')
  const hostId = asBytes(fields.get('host'))
  if (hostId?.length !== HOST_ID_BYTES) return undecodable(`host is not ${HOST_ID_BYTES} bytes`)
  const name = fields.get('name')
  const hostName = hostNameIn(asBytes(name))
  if (name !== undefined && hostName === undefined) return undecodable('name is not the name of a host')
  const zone = zoneIn(asBytes(fields.get('zone')))
  const isRelayed = (asInteger(fields.get('relay')) ?? 0) > 0
  const address = placeIn(asBytes(fields.get('address')))
  const ageMs = asInteger(fields.get('age'))
  return decoded({
    hostId: Uint8Array.from(hostId),
    ...(hostName === undefined ? {} : { hostName }),
    ...(zone === undefined ? {} : { zone }),
    ...(isRelayed ? { isRelayed } : {}),
    ...(address === undefined ? {} : { address }),
    ...(ageMs === undefined || ageMs < 0 || ageMs > MAX_COPY_AGE_MS ? {} : { ageMs }),
  })
}

/** The compact form of BEP 23 and BEP 7: 4 or 16 bytes of address, 2 of port. */
function placeBytes({ host, port }: PeerAddress): Uint8Array | undefined {
  const bytes = hostToBytes(host)
  return bytes === undefined ? undefined : Uint8Array.of(...bytes, port >> 8, port & 255)
}

/** Undefined for anything that is no address; who relays it may not know it, or not want to tell. */
function placeIn(bytes: Uint8Array | undefined): PeerAddress | undefined {
  if (bytes === undefined || bytes.length < 2) return undefined
  const host = hostFromBytes(bytes.subarray(0, -2))
  const port = ((bytes.at(-2) ?? 0) << 8) | (bytes.at(-1) ?? 0)
  return host === undefined || port === 0 ? undefined : { host, port }
}
