import type { PeerOrigin } from '../base/address.ts'
import type { Clock } from '../base/clock.ts'
import { systemClock } from '../base/system-clock.ts'
import type { LsdNode } from './lsd-node.ts'
import type { PeerSource, PeerSourceListener } from './peer-source.ts'
import { RecentPeers } from './recent-peers.ts'

/** What local discovery needs to know of its transfer. */
export interface LocalDiscoveryOptions {
  /** 20 bytes. */
  readonly infoHash: Uint8Array
  /** Shared by all info-hashes of a process. */
  readonly node: LsdNode
  readonly clock?: Clock
}

/** Peers of one info-hash on the local network (BEP 14). Whoever composes the sources leaves it out for private torrents (BEP 27). */
export class LocalDiscovery implements PeerSource {
  readonly origin: PeerOrigin = 'lsd'
  readonly #node: LsdNode
  readonly #infoHash: Uint8Array
  readonly #recent: RecentPeers
  #outcome = 'nobody answered'

  constructor({ infoHash, node, clock = systemClock }: LocalDiscoveryOptions) {
    this.#node = node
    this.#infoHash = infoHash
    this.#recent = new RecentPeers(clock)
  }

  get tried(): readonly string[] {
    return [`local discovery (${this.#outcome})`]
  }

  start(listener: PeerSourceListener): Promise<void> {
    return this.#node.join(this.#infoHash, {
      onPeer: (address) => {
        const fresh = this.#recent.fresh([address])
        if (fresh.length === 0) return
        this.#outcome = 'nobody that answered could be reached'
        listener.onPeers(fresh)
      },
      onAnnounced: () => listener.onAnnounced(),
      onUnavailable: () => {
        this.#outcome = 'no network interface here does multicast'
        listener.onWarning(`Local discovery is off: ${this.#outcome}.`)
      },
    })
  }

  /** The schedule of BEP 14 does not depend on how the transfer goes. */
  update(): void {}

  stop(): Promise<void> {
    return this.#node.leave(this.#infoHash)
  }
}
