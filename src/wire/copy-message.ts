import { utf8Bytes } from '../base/bytes.ts'
import { type Decoded, decoded, undecodable } from '../base/decoded.ts'
import { asBytes, asDictionary, asInteger, type Bencodable, decodeBencode, encodeBencode } from '../torrent/bencode.ts'
import type { CopyMessage } from './extension-messages.ts'
import { hostNameIn } from './host-name-in.ts'
import { HOST_ID_BYTES } from './wire-limits.ts'
import { zoneIn } from './zone-in.ts'

/** The payload of both messages about copies (BEP 10): that a host holds the tree, and that this was heard. */
export function encodeCopyMessage({ hostId, hostName, zone, isRelayed }: CopyMessage): Uint8Array {
  const fields = new Map<string, Bencodable>([['host', hostId]])
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
  return decoded({
    hostId: Uint8Array.from(hostId),
    ...(hostName === undefined ? {} : { hostName }),
    ...(zone === undefined ? {} : { zone }),
    ...(isRelayed ? { isRelayed } : {}),
  })
}
