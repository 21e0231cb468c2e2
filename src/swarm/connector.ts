import type { PeerAddress, PeerOrigin } from '../base/address.ts'
import type { Clock } from '../base/clock.ts'
import type { Dialer, DialOutcome, OwnHandshake, PeerLink } from '../wire/link.ts'
import { AddressBook, type CopyUse, isNamed, type KnownAddress } from './address-book.ts'
import { LIMITS } from './limits.ts'
import type { ZoneRelation } from './zone.ts'

/** What the connector works with. */
export interface ConnectorParts {
  readonly clock: Clock
  readonly dialer: Dialer
  /** What we say of ourselves; of a torrent with a v2 half more once that is known. */
  own(): OwnHandshake
  /** How many peers we look for, those that we have included. */
  wantedPeers(): number
  readonly maxPeers: number
  priority(address: PeerAddress): number
  peerCount(): number
  /** False once we have everything: seeds have nothing to say to each other. */
  wantsSeeds(): boolean
  /** True if those that count copies are wanted all the same. */
  readonly wantsCounters: boolean
  isBanned(host: string): boolean
  /** How many places are kept for other zones, and whether addresses known to be there are worth dialling. */
  readonly places: { readonly reserved: number; readonly wantsAcross: boolean }
  /** The zone of an address where nobody has spoken yet, as far as the address tells it. */
  zoneRelation(address: PeerAddress): ZoneRelation
  /** False if the link was not welcome, and closed. */
  onLink(link: PeerLink, origin: PeerOrigin): boolean
  /** A dial ended, however it did. */
  onDialled(): void
}

/** Dials known addresses while there is room for more peers. */
export class Connector {
  readonly #parts: ConnectorParts
  readonly #book: AddressBook
  readonly #dials = new Map<KnownAddress, { cancel(): void }>()
  #isStopped = false
  #answeredMs: number | undefined

  constructor(parts: ConnectorParts) {
    this.#parts = parts
    this.#book = new AddressBook(parts.priority)
  }

  /** Addresses known and not connected. */
  get waiting(): number {
    return this.#book.waiting
  }

  add(addresses: readonly PeerAddress[], origin: PeerOrigin): void {
    for (const address of addresses) {
      const known = this.#book.add(address, origin)
      if (known?.zoneRelation === 'unknown') known.zoneRelation = this.#parts.zoneRelation(address)
    }
    this.dial()
  }

  /** Dials what is due; called when addresses come, a peer leaves, and once a second. */
  dial(): void {
    if (this.#isStopped) return
    const { reserved, wantsAcross } = this.#parts.places
    const { wantedPeers, maxPeers, peerCount, wantsCounters } = this.#parts
    const places = Math.max(wantedPeers() - peerCount(), reserved)
    // A dial that nobody answers takes no place from one that somebody would: the surplus that comes of it is turned away.
    const room = Math.min(LIMITS.dialsUnderWay - this.#dials.size, places, maxPeers - peerCount() - this.#dials.size)
    for (const known of this.#book.due(this.#parts.clock.nowMs(), room, {
      wantsSeeds: this.#parts.wantsSeeds(),
      wantsCounters,
      wantsAcross,
      reserved,
    })) {
      if (this.#parts.isBanned(known.address.host)) known.isRefused = true
      else this.#open(known)
    }
  }

  /** We are connected with the peer that listens at `address`, or says so: it is not dialled meanwhile. */
  onConnected(address: PeerAddress, origin: PeerOrigin): void {
    const known = this.#book.add(address, origin)
    if (known !== undefined) known.isConnected = true
  }

  /** True if a person named `address`. */
  isNamed(address: PeerAddress): boolean {
    const known = this.#book.get(address)
    return known !== undefined && isNamed(known.origin)
  }

  /** The peer that listens at `address` is in a zone that stands so to ours. */
  onZone(address: PeerAddress, relation: ZoneRelation): void {
    const known = this.#book.get(address)
    if (known !== undefined) known.zoneRelation = relation
  }

  /** Whether the peer that listens at `address` counts copies, and has heard of ours. */
  onCopyUse(address: PeerAddress, use: CopyUse): void {
    const known = this.#book.get(address)
    if (known !== undefined) known.copyUse = use
  }

  /** True while a person named addresses at which somebody may want to hear of our copy, and that can be reached. */
  get hasListeners(): boolean {
    return this.#book.listeners().length > 0
  }

  /** When a dial to an address that a person named last led to somebody, be it that there was no room; undefined if none did. */
  get answeredMs(): number | undefined {
    return this.#answeredMs
  }

  /** Dials those that are not connected, whatever else they are good for. */
  dialListeners(): void {
    if (this.#isStopped) return
    for (const known of this.#book.listeners()) {
      if (this.#dials.size >= LIMITS.dialsUnderWay) return
      if (!known.isConnected && !known.isDialling && !this.#parts.isBanned(known.address.host)) this.#open(known)
    }
  }

  /** The connection with the peer that listens at `address` ended. */
  onDisconnected(address: PeerAddress, livedMs: number, isUploadOnly: boolean): void {
    const known = this.#book.get(address)
    if (known === undefined) return
    known.isConnected = false
    known.isUploadOnly = isUploadOnly
    // A connection that served its purpose for a while starts with a clean slate; one that ended at once counts as a failure.
    if (livedMs > 10_000) known.failures = 0
    this.#book.onFailure(known, this.#parts.clock.nowMs())
  }

  /** Never dials `address` again: it is ourselves. */
  refuse(address: PeerAddress): void {
    const known = this.#book.get(address)
    if (known !== undefined) known.isRefused = true
  }

  stop(): void {
    this.#isStopped = true
    for (const dial of this.#dials.values()) dial.cancel()
    this.#dials.clear()
  }

  #open(known: KnownAddress): void {
    known.isDialling = true
    this.#dials.set(
      known,
      this.#parts.dialer.dial(known.address, this.#parts.own(), (outcome) => this.#onOutcome(known, outcome)),
    )
  }

  #onOutcome(known: KnownAddress, outcome: DialOutcome): void {
    this.#dials.delete(known)
    known.isDialling = false
    if ('link' in outcome) {
      known.hasSpoken = true
      known.mayAnswer = true
      const isWelcome = this.#parts.onLink(outcome.link, known.origin)
      // Without a pause an address that leads to a peer we have already would be dialled again at once, and for ever.
      if (!isWelcome) this.#book.onFailure(known, this.#parts.clock.nowMs())
    } else {
      if (outcome.spokeBitTorrent) known.hasSpoken = true
      if (outcome.isSelf === true) known.isRefused = true
      // Who hangs up before it has said a word may only have too many visitors, of us or of all who share our address.
      known.mayAnswer = outcome.spokeBitTorrent || outcome.isTurnedAway === true
      this.#book.onFailure(known, this.#parts.clock.nowMs())
    }
    if (known.mayAnswer && isNamed(known.origin)) this.#answeredMs = this.#parts.clock.nowMs()
    this.#parts.onDialled()
    this.dial()
  }
}
