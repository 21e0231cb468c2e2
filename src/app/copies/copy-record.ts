import { isIP } from 'node:net'
import type { PeerAddress } from '../../base/address.ts'
import { type Decoded, decoded, undecodable } from '../../base/decoded.ts'
import { isHostName } from '../../base/host-name.ts'
import { isZoneName } from '../../base/zone-name.ts'
import type { CopyEvent } from '../../swarm/copy-exchange.ts'
import { decodeShape, isObject, orNull, textUpTo } from '../control/shape.ts'

/** More than an id or a time has, in characters. */
const MAX_FIELD_CHARACTERS = 256

/** A copy that was counted, and when. */
export interface CopyRecord {
  readonly copy: CopyEvent
  readonly countedAt: Date
}

/** One line of JSON, without its end. */
export function encodeCopyRecord({ copy, countedAt }: CopyRecord): string {
  const { hostId = null, hostName = null, zone = null, peerId, address = null, listenAddress = null } = copy
  return JSON.stringify({ countedAt: countedAt.toISOString(), hostId, hostName, zone, peerId, address, listenAddress })
}

/** What such a line says. */
export function decodeCopyRecord(line: string): Decoded<CopyRecord> {
  const fields = decodeShape(SHAPE, parseJson(line))
  if (!fields.ok) return fields
  const { hostId, hostName, zone, peerId, address, listenAddress } = fields.value
  const countedAt = new Date(fields.value.countedAt)
  if (Number.isNaN(countedAt.getTime())) return undecodable('"countedAt" is no time')
  const copy: CopyEvent = {
    hostId: hostId ?? undefined,
    hostName: hostName ?? undefined,
    zone: zone ?? undefined,
    peerId,
    address: addressOf(address),
    listenAddress: addressOf(listenAddress),
  }
  return decoded({ copy, countedAt })
}

const isText = textUpTo(MAX_FIELD_CHARACTERS)

const SHAPE = {
  countedAt: isText,
  hostId: orNull(isHostId),
  hostName: orNull(isName),
  zone: orNull(isZone),
  peerId: isText,
  address: orNull(isAddress),
  listenAddress: orNull(isAddress),
}

function addressOf(address: PeerAddress | null): PeerAddress | undefined {
  return address === null ? undefined : { host: address.host, port: address.port }
}

function isHostId(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{32}$/.test(value)
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && isHostName(value)
}

function isZone(value: unknown): value is string {
  return typeof value === 'string' && isZoneName(value)
}

function isAddress(value: unknown): value is PeerAddress {
  if (!isObject(value)) return false
  const { host, port } = value
  return typeof host === 'string' && isIP(host) > 0 && Number.isInteger(port) && (port as number) > 0 && (port as number) <= 65_535
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
