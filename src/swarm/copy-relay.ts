import type { PeerAddress } from '../base/address.ts'
import { toHex } from '../base/bytes.ts'
import type { Clock } from '../base/clock.ts'
import type { CopyMessage } from '../wire/extension-messages.ts'
import { MAX_COPY_AGE_MS } from '../wire/wire-limits.ts'
import type { Peer } from './peer.ts'

/** Hosts that are handed on at most. */
const MOST_RELAYED = 10_000

/** Where and when a host was heard of. */
export interface CopyTelling {
  readonly zone: string | undefined
  /** Undefined where nobody knows. */
  readonly address: PeerAddress | undefined
  /** By the clock of the relay; before 0 for what an earlier run heard. */
  readonly toldMs: number
}

interface Known {
  readonly message: CopyMessage
  readonly toldMs: number
}

/**
 * Hands on, by somebody who counts, what hosts told of their copies to those who gather that: a host that has told leaves, so whoever asks
 * later, or is not known to it, can hear of it only here. What came from a relay is not handed on.
 */
export class CopyRelay {
  readonly #clock: Clock
  readonly #known = new Map<string, Known>()
  readonly #gatherers = new Set<Peer>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** A host told of its copy. */
  add({ hostId, hostName }: CopyMessage, { zone, address, toldMs }: CopyTelling): void {
    const key = toHex(hostId)
    const known = this.#known.get(key)
    if (known === undefined && this.#known.size >= MOST_RELAYED) return
    if (known !== undefined && known.message.hostName === hostName && known.message.zone === zone) return
    const next: Known = { message: { hostId, hostName, zone, address, isRelayed: true }, toldMs: known?.toldMs ?? toldMs }
    this.#known.set(key, next)
    for (const peer of this.#gatherers) this.#send(peer, next)
  }

  /** A peer introduced itself (BEP 10), maybe again; one that gathers hears of all that is known. */
  onIntroduced(peer: Peer): void {
    if (peer.extension?.gathersCopies !== true || peer.isClosed || this.#gatherers.has(peer)) return
    this.#gatherers.add(peer)
    for (const known of this.#known.values()) this.#send(peer, known)
  }

  remove(peer: Peer): void {
    this.#gatherers.delete(peer)
  }

  #send(peer: Peer, { message, toldMs }: Known): void {
    const id = peer.extension?.extensions.copy
    if (id === undefined || peer.isClosed) return
    const ageMs = Math.min(MAX_COPY_AGE_MS, Math.max(0, Math.round(this.#clock.nowMs() - toldMs)))
    peer.link.copy(id, { ...message, ageMs })
  }
}
