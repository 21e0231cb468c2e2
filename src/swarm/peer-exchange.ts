import type { PeerAddress } from '../base/address.ts'
import type { Clock } from '../base/clock.ts'
import type { ExchangedPeer, PeerExchangeMessage } from '../wire/extension-messages.ts'
import { LIMITS } from './limits.ts'
import type { Peer } from './peer.ts'
import type { SwarmOptions } from './swarm-types.ts'

/** Addresses in one list of a message (BEP 11). */
const LIST_LENGTH = 50

/** Departures that are still told of; whoever hears of none just dials in vain. */
const MOST_DEPARTURES = 100

/** A peer that others may be told of; they are numbered in the order in which their addresses became known. */
interface Acquaintance {
  readonly number: number
  readonly address: PeerAddress
}

interface Departure {
  readonly number: number
  readonly acquaintance: Acquaintance
}

/** What the exchange remembers of one peer: numbers, so that what everybody was told takes no memory for each pair of peers. */
interface Correspondence {
  /** The last acquaintance and the last departure that it was told of. */
  toldUpTo: number
  toldDepartures: number
  nextMs: number
  lastReceivedMs: number
}

/** What the exchange works with. */
interface PeerExchangeParts {
  readonly clock: Clock
  readonly peers: ReadonlyMap<number, Peer>
  onAddresses(addresses: readonly PeerAddress[], teller: Peer): void
  onAbuse(peer: Peer): void
}

/** Tells peers of each other (BEP 11): whom we are connected with, as changes since the last message, once a minute at most. */
export class PeerExchange {
  readonly #parts: PeerExchangeParts
  readonly #correspondence = new Map<Peer, Correspondence>()
  /** In the order of their numbers. */
  readonly #acquaintances = new Map<Peer, Acquaintance>()
  /** The newest at the end. */
  #departures: Departure[] = []
  #lastAcquaintance = 0
  #lastDeparture = 0
  #isStopped = false

  private constructor(parts: PeerExchangeParts) {
    this.#parts = parts
  }

  /** Peer exchange among `peers`, if it is wanted; `onAddresses` gets those addresses that may be dialled. */
  static of(
    { clock, usesPeerExchange, mayDial }: SwarmOptions,
    peers: ReadonlyMap<number, Peer>,
    onAddresses: (addresses: readonly PeerAddress[]) => void,
  ): PeerExchange | undefined {
    if (!usesPeerExchange) return undefined
    return new PeerExchange({
      clock,
      peers,
      onAddresses: (addresses, teller) => onAddresses(addresses.filter((address) => mayDial(address, teller.link.address.host))),
      onAbuse: (peer) => peer.link.close('sent peer exchange messages too often'),
    })
  }

  /** From now on nobody is told of anybody, and nobody is heard. */
  stop(): void {
    this.#isStopped = true
  }

  /** Sends what is due; called once a second. */
  onTick(): void {
    if (this.#isStopped) return
    for (const peer of this.#parts.peers.values()) this.#acquaint(peer)
    const nowMs = this.#parts.clock.nowMs()
    for (const peer of this.#parts.peers.values()) {
      const id = peer.extension?.extensions.peerExchange
      if (id === undefined) continue
      const exchange = this.#with(peer)
      const isUpToDate = exchange.toldUpTo === this.#lastAcquaintance && exchange.toldDepartures === this.#lastDeparture
      if (!isUpToDate && nowMs >= exchange.nextMs) this.#tell(peer, id, exchange, nowMs)
    }
  }

  /** A peer left. */
  removePeer(peer: Peer): void {
    this.#correspondence.delete(peer)
    const acquaintance = this.#acquaintances.get(peer)
    if (acquaintance === undefined) return
    this.#acquaintances.delete(peer)
    this.#departures.push({ number: ++this.#lastDeparture, acquaintance })
    if (this.#departures.length > MOST_DEPARTURES) this.#departures.shift()
  }

  onMessage(peer: Peer, message: PeerExchangeMessage): void {
    const nowMs = this.#parts.clock.nowMs()
    const exchange = this.#with(peer)
    if (nowMs - exchange.lastReceivedMs < LIMITS.peerExchangeMinimumMs) {
      this.#parts.onAbuse(peer)
      return
    }
    exchange.lastReceivedMs = nowMs
    if (!this.#isStopped) this.#parts.onAddresses(message.added, peer)
  }

  /** Others may be told of `peer` once it is known where it listens. */
  #acquaint(peer: Peer): void {
    if (this.#acquaintances.has(peer)) return
    const address = peer.listenAddress
    if (address === undefined) return
    this.#acquaintances.set(peer, { number: ++this.#lastAcquaintance, address })
    // It is back, or connected anew.
    this.#departures = this.#departures.filter(({ acquaintance }) => !isSame(acquaintance.address, address))
  }

  #tell(peer: Peer, id: number, exchange: Correspondence, nowMs: number): void {
    const { toldUpTo } = exchange
    const added: ExchangedPeer[] = []
    for (const [other, { number, address }] of this.#acquaintances) {
      if (number <= toldUpTo) continue
      if (added.length === LIST_LENGTH) break
      exchange.toldUpTo = number
      if (other !== peer) added.push({ host: address.host, port: address.port, isSeed: other.isUploadOnly })
    }
    const dropped: PeerAddress[] = []
    for (const { number, acquaintance } of this.#departures) {
      if (number <= exchange.toldDepartures) continue
      if (dropped.length === LIST_LENGTH) break
      exchange.toldDepartures = number
      if (acquaintance.number <= toldUpTo) dropped.push(acquaintance.address)
    }
    // What left before it was told of, or came back, is not looked for again.
    if (added.length < LIST_LENGTH) exchange.toldUpTo = this.#lastAcquaintance
    if (dropped.length < LIST_LENGTH) exchange.toldDepartures = this.#lastDeparture
    if (added.length === 0 && dropped.length === 0) return
    exchange.nextMs = nowMs + LIMITS.peerExchangePeriodMs
    peer.link.peerExchange(id, { added, dropped })
  }

  #with(peer: Peer): Correspondence {
    let exchange = this.#correspondence.get(peer)
    if (exchange === undefined) {
      exchange = { toldUpTo: 0, toldDepartures: 0, nextMs: 0, lastReceivedMs: Number.NEGATIVE_INFINITY }
      this.#correspondence.set(peer, exchange)
    }
    return exchange
  }
}

function isSame(one: PeerAddress, other: PeerAddress): boolean {
  return one.host === other.host && one.port === other.port
}
