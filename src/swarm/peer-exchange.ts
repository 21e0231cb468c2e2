import { formatAddress, type PeerAddress } from '../base/address.ts'
import type { Clock } from '../base/clock.ts'
import type { ExchangedPeer, PeerExchangeMessage } from '../wire/extension-messages.ts'
import { LIMITS } from './limits.ts'
import type { Peer } from './peer.ts'

/** Addresses in one list of a message (BEP 11). */
const LIST_LENGTH = 50

/** What the exchange remembers of one peer. */
interface Correspondence {
  readonly told: Map<string, PeerAddress>
  nextMs: number
  lastReceivedMs: number
}

/** What the exchange works with. */
export interface PeerExchangeParts {
  readonly clock: Clock
  readonly peers: ReadonlyMap<number, Peer>
  onAddresses(addresses: readonly PeerAddress[], teller: Peer): void
  onAbuse(peer: Peer): void
}

/** Tells peers of each other (BEP 11): whom we are connected with, as changes since the last message, once a minute at most. */
export class PeerExchange {
  readonly #parts: PeerExchangeParts
  readonly #correspondence = new WeakMap<Peer, Correspondence>()
  #isStopped = false

  constructor(parts: PeerExchangeParts) {
    this.#parts = parts
  }

  /** From now on nobody is told of anybody, and nobody is heard. */
  stop(): void {
    this.#isStopped = true
  }

  /** Sends what is due; called once a second. */
  onTick(): void {
    if (this.#isStopped) return
    const nowMs = this.#parts.clock.nowMs()
    for (const peer of this.#parts.peers.values()) {
      const id = peer.extension?.extensions.peerExchange
      if (id === undefined) continue
      const exchange = this.#with(peer)
      if (nowMs >= exchange.nextMs) this.#tell(peer, id, exchange, nowMs)
    }
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

  #tell(peer: Peer, id: number, exchange: Correspondence, nowMs: number): void {
    const current = new Map<string, ExchangedPeer>()
    for (const other of this.#parts.peers.values()) {
      const address = other === peer ? undefined : other.listenAddress
      if (address !== undefined) current.set(formatAddress(address), { ...address, isSeed: other.isUploadOnly })
    }
    const added = [...current].filter(([key]) => !exchange.told.has(key)).slice(0, LIST_LENGTH)
    const dropped = [...exchange.told].filter(([key]) => !current.has(key)).slice(0, LIST_LENGTH)
    if (added.length === 0 && dropped.length === 0) return
    for (const [key, address] of added) exchange.told.set(key, address)
    for (const [key] of dropped) exchange.told.delete(key)
    exchange.nextMs = nowMs + LIMITS.peerExchangePeriodMs
    peer.link.peerExchange(id, { added: added.map(([, address]) => address), dropped: dropped.map(([, address]) => address) })
  }

  #with(peer: Peer): Correspondence {
    let exchange = this.#correspondence.get(peer)
    if (exchange === undefined) {
      exchange = { told: new Map(), nextMs: 0, lastReceivedMs: Number.NEGATIVE_INFINITY }
      this.#correspondence.set(peer, exchange)
    }
    return exchange
  }
}
