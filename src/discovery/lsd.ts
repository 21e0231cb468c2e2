import type { PeerOrigin } from '../base/address.ts'
import type { Clock } from '../base/clock.ts'
import { systemClock } from '../base/system-clock.ts'
import { LsdNode } from './lsd-node.ts'
import type { PeerSource, PeerSourceListener } from './peer-source.ts'
import { RecentPeers } from './recent-peers.ts'

/** What local discovery needs to know of its transfer. */
export interface LocalDiscoveryOptions {
  /** 20 bytes. */
  readonly infoHash: Uint8Array
  /** The TCP port on which we take peers. */
  readonly listenPort: number
  /** `::` or nothing for every interface, `0.0.0.0` for every IPv4 one, or one address of ours. */
  readonly bindAddress?: string | undefined
  /** Shared by all transfers of a process that has many; its own if left out. */
  readonly node?: LsdNode
  readonly clock?: Clock
}

/** Peers of one info-hash on the local network (BEP 14). Whoever composes the sources leaves it out for private torrents (BEP 27). */
export class LocalDiscovery implements PeerSource {
  readonly origin: PeerOrigin = 'lsd'
  readonly #node: LsdNode
  readonly #infoHash: Uint8Array
  readonly #recent: RecentPeers

  constructor({ infoHash, listenPort, bindAddress = '::', node, clock = systemClock }: LocalDiscoveryOptions) {
    this.#node = node ?? new LsdNode({ host: bindAddress, listenPort, clock })
    this.#infoHash = infoHash
    this.#recent = new RecentPeers(clock)
  }

  start(listener: PeerSourceListener): Promise<void> {
    return this.#node.join(this.#infoHash, {
      onPeer: (address) => {
        const fresh = this.#recent.fresh([address])
        if (fresh.length > 0) listener.onPeers(fresh)
      },
      onAnnounced: () => listener.onAnnounced(),
      onUnavailable: () => listener.onWarning('Local discovery is off: no network interface here does multicast.'),
    })
  }

  /** The schedule of BEP 14 does not depend on how the transfer goes. */
  update(): void {}

  stop(): Promise<void> {
    return this.#node.leave(this.#infoHash)
  }
}
