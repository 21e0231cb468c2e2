import type { PeerAddress } from '../base/address.ts'
import type { OwnAddress } from './own-address.ts'
import type { Peer } from './peer.ts'
import type { SwarmOptions, ZoneTraffic } from './swarm-types.ts'
import { NO_ZONE, type ZoneRelation, Zones } from './zone.ts'
import type { ZoneBorder } from './zone-border.ts'
import { ZonePlaces } from './zone-places.ts'
import { ZoneLedger } from './zone-traffic.ts'

/** What a swarm has to do with zones, in one place; nothing at all as long as it has none itself. */
export class Locality {
  readonly places: ZonePlaces<Peer>
  readonly #zones: Zones
  readonly #ledger: ZoneLedger
  readonly #peers: ReadonlyMap<number, Peer>
  readonly #own: OwnAddress

  /** `mostPeers` tells how many are let in at the moment. Throws USAGE if the zone in `options` is none. */
  constructor({ zone, maxPeers }: SwarmOptions, own: OwnAddress, peers: ReadonlyMap<number, Peer>, mostPeers: () => number) {
    this.#zones = new Zones(zone)
    this.#ledger = new ZoneLedger(this.#zones)
    this.#peers = peers
    this.#own = own
    this.places = new ZonePlaces(peers, maxPeers, mostPeers)
  }

  /** One row for each zone; undefined while we have none. */
  get traffic(): readonly ZoneTraffic[] | undefined {
    return this.#ledger.rows(this.#peers.values())
  }

  /** How the zone of an address where nobody has spoken yet stands to ours. */
  relationOf(address: PeerAddress): ZoneRelation {
    return this.#zones.relationOfHost(address.host, this.#own.host)
  }

  /**
   * A peer introduced itself, maybe again: its zone is settled once. Others may have to make room for it, or it for them; `noteZone` is
   * told the zone of the address at which others reach it.
   */
  onIntroduced(peer: Peer, border: ZoneBorder | undefined, noteZone: (address: PeerAddress, relation: ZoneRelation) => void): void {
    if (!this.#zones.areUsed) return
    const isNew = peer.zone === NO_ZONE
    if (isNew) peer.zone = this.#zones.of(peer)
    border?.onPieces(peer)
    if (!isNew || peer.zone === NO_ZONE) return
    const address = peer.listenAddress
    if (address !== undefined) noteZone(address, peer.zone.relation)
    this.places.surplus(peer)?.link.close('made room for other zones')
  }

  onLeave(peer: Peer): void {
    this.#ledger.onLeave(peer)
  }
}
