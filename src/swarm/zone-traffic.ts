import type { Peer } from './peer.ts'
import type { ZoneTraffic } from './swarm-types.ts'
import { NO_ZONE, type PeerZone, type ZoneRelation, type Zones } from './zone.ts'

/** Zones that are counted by name; peers may name as many as they like. */
const MAX_ZONES = 256

/** Where the bytes of the zones beyond those are counted; no zone can have this name. */
const FURTHER_ZONES: PeerZone = { name: '(further zones)', relation: 'other' }

const places: readonly ZoneRelation[] = ['same', 'other', 'unknown']

type Row = { -readonly [Key in keyof ZoneTraffic]: ZoneTraffic[Key] }

/** Counts the block bytes that went to and came from each zone. Peers count their own; this adds them up, and keeps what those who left had. */
export class ZoneLedger {
  readonly #zones: Zones
  readonly #departed = new Map<string, Row>()

  constructor(zones: Zones) {
    this.#zones = zones
  }

  /** A peer left. */
  onLeave(peer: Peer): void {
    if (this.#zones.areUsed) addTo(this.#departed, peer, 0)
  }

  /** One row for each zone: ours, the others by name, then those that told none; undefined while we have no zone. */
  rows(peers: Iterable<Peer>): readonly ZoneTraffic[] | undefined {
    if (!this.#zones.areUsed) return undefined
    const rows = new Map([...this.#departed].map(([key, row]) => [key, { ...row }]))
    for (const peer of peers) addTo(rows, peer, 1)
    const { ownName } = this.#zones
    if (ownName !== undefined) rowOf(rows, { name: ownName, relation: 'same' })
    return [...rows.values()].sort(
      (first, second) => places.indexOf(first.relation) - places.indexOf(second.relation) || (first.zone < second.zone ? -1 : 1),
    )
  }
}

function addTo(rows: Map<string, Row>, peer: Peer, peers: number): void {
  const { downMeter, upMeter, zone } = peer
  // A peer that left before it told its zone and moved nothing leaves no trace.
  if (zone === NO_ZONE && peers === 0 && downMeter.totalBytes + upMeter.totalBytes === 0) return
  const row = rowOf(rows, zone)
  row.peers += peers
  row.downloadedBytes += downMeter.totalBytes
  row.uploadedBytes += upMeter.totalBytes
}

function rowOf(rows: Map<string, Row>, zone: PeerZone): Row {
  const isRoom = zone.relation !== 'other' || rows.size < MAX_ZONES
  const counted = isRoom || rows.has(keyOf(zone)) ? zone : FURTHER_ZONES
  let row = rows.get(keyOf(counted))
  if (row === undefined) {
    row = { zone: counted.name, relation: counted.relation, peers: 0, downloadedBytes: 0, uploadedBytes: 0 }
    rows.set(keyOf(counted), row)
  }
  return row
}

function keyOf({ name, relation }: PeerZone): string {
  return `${relation} ${name}`
}
