import type { PeerAddress, PeerOrigin } from '../base/address.ts'
import { equalBytes } from '../base/bytes.ts'
import type { PeerLink } from '../wire/link.ts'
import type { CopyUse } from './address-book.ts'
import { type AdmissionParts, NO_ROOM, refusalOf } from './admission.ts'
import { BanList } from './ban-list.ts'
import { CanonicalPriorities } from './canonical-priority.ts'
import { Connector } from './connector.ts'
import { LIMITS } from './limits.ts'
import { Locality } from './locality.ts'
import { OwnAddress } from './own-address.ts'
import type { Peer } from './peer.ts'
import { PeerDemand } from './peer-demand.ts'
import type { SwarmOptions, ZoneTraffic } from './swarm-types.ts'
import type { TorrentSession } from './torrent-session.ts'

/** A visitor introduces itself within this time. */
const VISIT_MS = 2_000

/** What the connections depend on. */
export interface ConnectionsParts {
  readonly options: SwarmOptions
  readonly peers: ReadonlyMap<number, Peer>
  torrent(): TorrentSession | undefined
  /** We dialled somebody; false if the link was not let in. */
  onLink(link: PeerLink, origin: PeerOrigin): boolean
  /** A dial ended, however it did. */
  onDialled(): void
}

/** With whom we are connected: whom we dial, whom we let in or turn away, and for whom others have to make room. */
export class Connections {
  readonly #parts: ConnectionsParts
  readonly #ownAddress: OwnAddress
  readonly #bans = new BanList()
  readonly #locality: Locality
  readonly #connector: Connector
  readonly #admission: AdmissionParts
  /** Peers for which there is no room, and that did not introduce themselves yet. */
  readonly #visitors = new Set<Peer>()
  #isStopped = false

  /** Throws USAGE if the zone in the options is none. */
  constructor(parts: ConnectionsParts) {
    this.#parts = parts
    const { options, peers, torrent } = parts
    const { clock, maxPeers, infoHash, peerId } = options
    this.#ownAddress = new OwnAddress(options.listenPort)
    const priorities = new CanonicalPriorities(this.#ownAddress)
    const demand = new PeerDemand({
      clock,
      peers,
      maxPeers,
      hasZone: options.zone !== undefined,
      isOrigin: () => torrent()?.superSeeder !== undefined,
      isComplete: () => torrent()?.downloader.isComplete === true,
    })
    this.#locality = new Locality(options, this.#ownAddress, peers, () => demand.most)
    const { places } = this.#locality
    const visitors = options.copies === undefined || options.copies === 'told' ? 0 : LIMITS.visitors
    const priority = (address: PeerAddress): number => priorities.of(address)
    this.#connector = new Connector({
      clock,
      dialer: options.dialer,
      own: () => ({ infoHash, peerId, supportsDht: options.dhtPort > 0, infoHashV2: options.infoHashV2 ?? torrent()?.infoHashV2 }),
      wantedPeers: () => demand.wanted,
      maxPeers,
      priority,
      peerCount: () => peers.size,
      wantsSeeds: () => torrent()?.downloader.isComplete !== true,
      wantsCounters: options.copies === 'gathered',
      places,
      zoneRelation: (address) => this.#locality.relationOf(address),
      isBanned: (host) => this.#bans.hasHost(host),
      onLink: (link, origin) => parts.onLink(link, origin),
      onDialled: () => parts.onDialled(),
    })
    this.#admission = { clock, peerId, mostPeers: () => demand.most, visitors, peers, bans: this.#bans, places, priority }
  }

  /** Addresses known and not connected. */
  get waiting(): number {
    return this.#connector.waiting
  }

  /** How many may not come back. */
  get banned(): number {
    return this.#bans.size
  }

  /** One row for each zone; undefined while we have none. */
  get traffic(): readonly ZoneTraffic[] | undefined {
    return this.#locality.traffic
  }

  /** Connected peers that have no place, and have not said yet whether they came to tell of their copy. */
  get visiting(): number {
    return this.#visitors.size
  }

  /** Addresses where peers may be. */
  add(addresses: readonly PeerAddress[], origin: PeerOrigin): void {
    if (!this.#isStopped) this.#connector.add(addresses, origin)
  }

  /** Called once a second: ends the visits of those that did not say what they came for, and dials. */
  onTick(nowMs: number): void {
    for (const peer of [...this.#visitors]) if (nowMs - peer.connectedMs > VISIT_MS) peer.link.close(NO_ROOM)
    this.dial()
  }

  /** Dials whoever is worth it now. */
  dial(): void {
    this.#connector.dial()
  }

  /** True if a person named `address`. */
  isNamed(address: PeerAddress): boolean {
    return this.#connector.isNamed(address)
  }

  /** Whether the peer that listens at `address` counts copies, and has heard of ours. */
  onCopyUse(address: PeerAddress, use: CopyUse): void {
    this.#connector.onCopyUse(address, use)
  }

  /** True while a person named addresses at which somebody may want to hear of our copy, and that can be reached. */
  get hasListeners(): boolean {
    return !this.#isStopped && this.#connector.hasListeners
  }

  /** When a dial to an address that a person named last led to somebody, be it that there was no room; undefined if none did. */
  get answeredMs(): number | undefined {
    return this.#connector.answeredMs
  }

  /** Dials those that are not connected. */
  dialListeners(): void {
    this.#connector.dialListeners()
  }

  /** True if `link` may join, if need be in the place of another; else it is closed. */
  admit(link: PeerLink): boolean {
    const refusal = this.#isStopped ? 'we leave the swarm' : refusalOf(link, this.#admission)
    if (refusal === undefined) return true
    if (equalBytes(link.peer.peerId, this.#parts.options.peerId)) this.#connector.refuse(link.address)
    link.close(refusal)
    return false
  }

  /** A peer joined; `origin` told us of it. */
  onJoin(peer: Peer, origin: PeerOrigin): void {
    const { direction, address } = peer.link
    if (this.#parts.peers.size > this.#admission.mostPeers()) this.#visitors.add(peer)
    if (direction === 'outgoing') this.#connector.onConnected(address, origin)
  }

  /** A peer told more of itself (BEP 10), maybe again. */
  onIntroduced(peer: Peer): void {
    const { listenAddress, link, extension } = peer
    if (listenAddress !== undefined && link.direction === 'incoming') this.#connector.onConnected(listenAddress, 'incoming')
    this.#locality.onIntroduced(peer, this.#parts.torrent()?.border, (address, relation) => this.#connector.onZone(address, relation))
    if (extension?.yourAddress !== undefined) this.#ownAddress.learn(extension.yourAddress)
    // Who gathers hears of all copies that are known, and comes back for more.
    if (extension?.gathersCopies === true && this.#admission.visitors > 0) return
    // There is room for it only if it came to tell that it has everything.
    if (this.#visitors.delete(peer) && !peer.isSeed && this.#parts.peers.size > this.#admission.mostPeers()) link.close(NO_ROOM)
  }

  /** A peer left. */
  onLeave(peer: Peer): void {
    const { listenAddress, connectedMs, isUploadOnly } = peer
    this.#locality.onLeave(peer)
    this.#visitors.delete(peer)
    if (listenAddress === undefined) return
    this.#connector.onDisconnected(listenAddress, this.#parts.options.clock.nowMs() - connectedMs, isUploadOnly)
  }

  /** `culprit` sent bad data: it is neither dialled nor let in any more. */
  ban(culprit: string): void {
    this.#bans.add(culprit)
  }

  /** Nobody is dialled or let in any more. */
  stop(): void {
    this.#isStopped = true
    this.#connector.stop()
  }
}
