import type { PeerAddress } from '../base/address.ts'
import { equalBytes, fromHex, toHex } from '../base/bytes.ts'
import type { Clock } from '../base/clock.ts'
import type { Events } from '../base/events.ts'
import type { CopyMessage } from '../wire/extension-messages.ts'
import { HOST_ID_BYTES } from '../wire/wire-limits.ts'
import type { CopyUse } from './address-book.ts'
import type { Connections } from './connections.ts'
import { CopyRelay } from './copy-relay.ts'
import { tellHostName } from './introduction.ts'
import type { Peer } from './peer.ts'
import type { SwarmEvents, SwarmOptions } from './swarm-types.ts'

/** A peer with everything that has not introduced itself by then (BEP 10) is one that tells nothing of its copy. */
const INTRODUCTION_MS = 2_000
/** Who counts and had no room for us is dialled again after this time, after twice as long the next time, and so on. */
const FIRST_PAUSE_MS = 1_000
const LONGEST_PAUSE_MS = 8_000
/** Nobody waits any longer for somebody who wants to hear of our copy and neither answers a dial nor says that it heard. */
const SILENCE_MS = 5_000

/** Another host that holds the whole torrent, as far as it says so itself. */
export interface CopyEvent {
  /** Hexadecimal, of a host that told us; undefined for a client that was only seen to have every piece. */
  readonly hostId: string | undefined
  readonly hostName: string | undefined
  /** The zone that it is in, as far as it told. */
  readonly zone: string | undefined
  readonly peerId: string
  /** Where it is connected from, or was where another told of it; undefined where that one did not say. */
  readonly address: PeerAddress | undefined
  /** Where it can be reached, if it said so. */
  readonly listenAddress: PeerAddress | undefined
  /** How long ago it told somebody else, in milliseconds; undefined for what it tells now. */
  readonly ageMs?: number | undefined
}

/** What telling of copies needs of the swarm. */
export interface CopyExchangeParts {
  readonly clock: Clock
  readonly peers: ReadonlyMap<number, Peer>
  /** True if we want to hear of the copies of others. */
  readonly counts: boolean
  /** True if we want to hear from others who count what they were told. */
  readonly gathers: boolean
  /** True if a person named the address. */
  isNamed(address: PeerAddress): boolean
  /** Tells a peer that counts what our host is called, if it has a name. */
  introduce(peer: Peer): void
  /** Dials the named addresses at which somebody may want to hear of our copy. */
  dialListeners(): void
  /** True while there are such addresses. */
  hasListeners(): boolean
  /** When a dial to a named address last led to somebody, be it that there was no room; undefined if none did. */
  answeredMs(): number | undefined
  onCopyUse(listenAddress: PeerAddress, use: CopyUse): void
  onCopy(copy: CopyEvent): void
  /** Whoever wants to hear of our copy, as far as it can be reached, has heard of it. */
  onHeard(): void
}

/** What went to and fro with one peer. */
interface Correspondence {
  /** It knows what our host is called. */
  isIntroduced: boolean
  /** When it was told of our copy. */
  toldMs: number | undefined
  hasHeard: boolean
  /** What it told us first. */
  claim: Uint8Array | undefined
  wasSeen: boolean
}

/**
 * Tells those that count copies of ours, once it is in place, and hears of those of others. To have every piece is not to hold the tree:
 * a host that fetched may still be syncing it to disk, or fail to. So a peer that can tell is believed when it tells, and every other
 * client when it says that it has everything.
 */
export class CopyExchange {
  readonly #parts: CopyExchangeParts
  readonly #relay: CopyRelay
  readonly #correspondence = new Map<Peer, Correspondence>()
  #own: CopyMessage | undefined
  #isHeard = false
  #pauseMs = FIRST_PAUSE_MS
  #dialMs = 0
  #ownMs = 0

  constructor(parts: CopyExchangeParts) {
    this.#parts = parts
    this.#relay = new CopyRelay(parts.clock)
  }

  /** That of a swarm; undefined where nobody tells and nobody counts. */
  static of(
    options: SwarmOptions,
    peers: ReadonlyMap<number, Peer>,
    connections: Connections,
    events: Events<SwarmEvents>,
  ): CopyExchange | undefined {
    const { clock, copies } = options
    if (copies === undefined) return undefined
    return new CopyExchange({
      clock,
      peers,
      counts: copies !== 'told',
      gathers: copies === 'gathered',
      isNamed: (address) => connections.isNamed(address),
      introduce: (peer) => tellHostName(peer, options),
      dialListeners: () => connections.dialListeners(),
      hasListeners: () => connections.hasListeners,
      answeredMs: () => connections.answeredMs,
      onCopyUse: (address, use) => connections.onCopyUse(address, use),
      onCopy: (copy) => events.emit('copy', copy),
      onHeard: () => events.emit('copyHeard', undefined),
    })
  }

  /** Hosts told an earlier run of ours of their copies: whoever gathers that hears of them too. */
  recall(copies: readonly CopyEvent[]): void {
    const nowMs = this.#parts.clock.nowMs()
    for (const { hostId, hostName, zone, address, ageMs = 0 } of copies) {
      const id = fromHex(hostId ?? '')
      if (id?.length === HOST_ID_BYTES) this.#relay.add({ hostId: id, hostName }, { zone, address, toldMs: nowMs - ageMs })
    }
  }

  /** Our tree is in place: everybody who counts is told, now or when it comes. */
  tell(own: CopyMessage): void {
    this.#own = own
    this.#ownMs = this.#parts.clock.nowMs()
    for (const peer of this.#parts.peers.values()) this.#tell(peer)
    this.#dial()
    this.look()
  }

  /** A peer is there; one that cannot introduce itself (BEP 10) wants to hear of no copy. */
  onJoin({ link, listenAddress }: Peer): void {
    if (!link.peer.supportsExtensions && listenAddress !== undefined) this.#parts.onCopyUse(listenAddress, 'ignores')
  }

  /** A peer introduced itself (BEP 10), maybe again. */
  onIntroduced(peer: Peer): void {
    const { extension, listenAddress } = peer
    const counts = extension?.extensions.copy !== undefined
    if (listenAddress !== undefined && this.#of(peer)?.hasHeard !== true)
      this.#parts.onCopyUse(listenAddress, counts ? 'counts' : 'ignores')
    if (counts) this.#introduce(peer)
    this.#relay.onIntroduced(peer)
    this.#tell(peer)
    this.#see(peer)
    this.look()
  }

  /** What a peer has changed. */
  onPieces(peer: Peer): void {
    this.#see(peer)
  }

  /** A peer holds the tree. One that says so under two ids is none of ours. */
  onMessage(peer: Peer, message: CopyMessage): void {
    if (!this.#parts.counts) return
    if (message.isRelayed === true || (this.#parts.gathers && peer.extension?.extensions.copy !== undefined)) {
      this.#gather(peer, message)
      return
    }
    const exchange = this.#with(peer)
    if (exchange.claim !== undefined && !equalBytes(exchange.claim, message.hostId)) {
      peer.link.close('told of the copies of two hosts')
      return
    }
    const isNew = exchange.claim === undefined
    exchange.claim = message.hostId
    const id = peer.extension?.extensions.copyHeard
    if (id !== undefined) peer.link.copyHeard(id, { hostId: message.hostId })
    if (isNew && !this.#isOurs(peer, message)) {
      this.#relay.add(message, { zone: peer.zoneName, address: peer.link.address, toldMs: this.#parts.clock.nowMs() })
      this.#parts.onCopy(copyOf(peer, message))
    }
    if (hasSaidAll(peer)) peer.link.close('told of its copy')
  }

  /** A peer says that it heard of our copy. */
  onHeard(peer: Peer, { hostId }: CopyMessage): void {
    if (this.#own === undefined || !equalBytes(hostId, this.#own.hostId)) return
    const exchange = this.#with(peer)
    if (exchange.toldMs === undefined) return
    exchange.hasHeard = true
    if (peer.listenAddress !== undefined) this.#parts.onCopyUse(peer.listenAddress, 'heard')
    this.look()
  }

  removePeer(peer: Peer): void {
    this.#correspondence.delete(peer)
    this.#relay.remove(peer)
    this.look()
  }

  /** Called once a second: sees who never introduced itself, and dials again who had no room for us. */
  onTick(): void {
    for (const peer of this.#parts.peers.values()) this.#see(peer)
    if (this.#own === undefined || this.#isHeard) return
    if (this.#parts.clock.nowMs() >= this.#dialMs) this.#dial()
    this.look()
  }

  /** Something changed: sees whether there is anybody left who has to hear of our copy. */
  look(): void {
    if (this.#own === undefined || this.#isHeard || this.#mayReachListeners()) return
    for (const peer of this.#parts.peers.values()) if (this.#mayHear(peer)) return
    this.#isHeard = true
    this.#parts.onHeard()
  }

  /** True while there is somebody to dial who was there not long ago: when many come at once it may take a while until there is room. */
  #mayReachListeners(): boolean {
    const answeredMs = this.#parts.answeredMs() ?? 0
    const patienceMs = answeredMs < this.#ownMs ? SILENCE_MS : LONGEST_PAUSE_MS + SILENCE_MS
    return this.#parts.hasListeners() && this.#parts.clock.nowMs() - Math.max(this.#ownMs, answeredMs) < patienceMs
  }

  #dial(): void {
    this.#parts.dialListeners()
    this.#dialMs = this.#parts.clock.nowMs() + this.#pauseMs
    this.#pauseMs = Math.min(2 * this.#pauseMs, LONGEST_PAUSE_MS)
  }

  /**
   * Somebody who counts tells of another host. Only those whom a person named are believed: anybody can tell of itself once a connection, and
   * this would be any number of hosts. Who counts is an origin, and its own copy is none of those that were asked for.
   */
  #gather(peer: Peer, message: CopyMessage): void {
    const { listenAddress } = peer
    if (!this.#parts.gathers || message.isRelayed !== true || listenAddress === undefined || !this.#parts.isNamed(listenAddress)) return
    const { hostId, hostName, zone, address, ageMs } = message
    this.#parts.onCopy({ hostId: toHex(hostId), hostName, zone, peerId: '', address, listenAddress: undefined, ageMs })
  }

  /** True for what another seed of this host tells: two that run at once must not take each other for the host that they wait for, and leave. */
  #isOurs({ extension }: Peer, { hostId }: CopyMessage): boolean {
    return this.#own !== undefined && equalBytes(hostId, this.#own.hostId) && extension?.extensions.copy !== undefined
  }

  #introduce(peer: Peer): void {
    const exchange = this.#with(peer)
    if (!exchange.isIntroduced && !peer.isClosed) this.#parts.introduce(peer)
    exchange.isIntroduced = true
  }

  #tell(peer: Peer): void {
    const id = peer.extension?.extensions.copy
    if (this.#own === undefined || id === undefined || peer.isClosed) return
    const exchange = this.#with(peer)
    if (exchange.toldMs !== undefined) return
    exchange.toldMs = this.#parts.clock.nowMs()
    peer.link.copy(id, this.#own)
  }

  #see(peer: Peer): void {
    if (!this.#parts.counts || !peer.isSeed || peer.isClosed) return
    const { extension, link, connectedMs } = peer
    if (extension?.extensions.copyHeard !== undefined || this.#of(peer)?.claim !== undefined) return
    const mayComeYet = link.peer.supportsExtensions && this.#parts.clock.nowMs() - connectedMs < INTRODUCTION_MS
    if (extension === undefined && mayComeYet) return
    const exchange = this.#with(peer)
    if (exchange.wasSeen) return
    exchange.wasSeen = true
    this.#parts.onCopy(copyOf(peer))
  }

  /** True if the peer has to hear of our copy yet, or did not say yet whether it wants to. */
  #mayHear(peer: Peer): boolean {
    if (peer.isClosed || !peer.link.peer.supportsExtensions) return false
    if (peer.extension === undefined) return this.#parts.clock.nowMs() - peer.connectedMs < INTRODUCTION_MS
    const exchange = this.#of(peer)
    if (peer.extension.extensions.copy === undefined || exchange?.hasHeard === true) return false
    return exchange?.toldMs === undefined || this.#parts.clock.nowMs() - exchange.toldMs < SILENCE_MS
  }

  #of(peer: Peer): Correspondence | undefined {
    return this.#correspondence.get(peer)
  }

  #with(peer: Peer): Correspondence {
    let exchange = this.#correspondence.get(peer)
    if (exchange === undefined) {
      exchange = { isIntroduced: false, toldMs: undefined, hasHeard: false, claim: undefined, wasSeen: false }
      this.#correspondence.set(peer, exchange)
    }
    return exchange
  }
}

/** True for one that has nothing more to say to us, nor to hear: its place is free for the next who comes to tell. */
function hasSaidAll({ extension, isUploadOnly }: Peer): boolean {
  return isUploadOnly && extension?.extensions.copy === undefined && extension?.gathersCopies !== true
}

function copyOf(peer: Peer, message?: CopyMessage): CopyEvent {
  const { id, link, listenAddress, zoneName } = peer
  const hostId = message === undefined ? undefined : toHex(message.hostId)
  return { hostId, hostName: message?.hostName, zone: zoneName, peerId: id, address: link.address, listenAddress }
}
