import { toHex } from '../base/bytes.ts'
import type { CopyMessage } from '../wire/extension-messages.ts'
import type { Peer } from './peer.ts'

/** Hosts that are handed on at most. */
const MOST_RELAYED = 10_000

/**
 * Hands on, by somebody who counts, what hosts told of their copies to those who gather that: a host that has told leaves, so whoever asks
 * later, or is not known to it, can hear of it only here. What came from a relay is not handed on.
 */
export class CopyRelay {
  readonly #known = new Map<string, CopyMessage>()
  readonly #gatherers = new Set<Peer>()

  /** A host told of its copy. */
  add({ hostId, hostName }: CopyMessage, zone: string | undefined): void {
    const key = toHex(hostId)
    const known = this.#known.get(key)
    if (known === undefined && this.#known.size >= MOST_RELAYED) return
    if (known !== undefined && known.hostName === hostName && known.zone === zone) return
    const message: CopyMessage = { hostId, hostName, zone, isRelayed: true }
    this.#known.set(key, message)
    for (const peer of this.#gatherers) send(peer, message)
  }

  /** A peer introduced itself (BEP 10), maybe again; one that gathers hears of all that is known. */
  onIntroduced(peer: Peer): void {
    if (peer.extension?.gathersCopies !== true || peer.isClosed || this.#gatherers.has(peer)) return
    this.#gatherers.add(peer)
    for (const message of this.#known.values()) send(peer, message)
  }

  remove(peer: Peer): void {
    this.#gatherers.delete(peer)
  }
}

function send(peer: Peer, message: CopyMessage): void {
  const id = peer.extension?.extensions.copy
  if (id !== undefined && !peer.isClosed) peer.link.copy(id, message)
}
