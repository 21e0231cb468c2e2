/**
 * Peers of one info-hash from the DHT. A fetch may start before its seed, so a transfer without peers keeps asking: full look-ups at
 * 0, 2, 5, 10, 20 and 40 s, and every 2.5 s in the first minutes the 8 nearest nodes, which costs 16 small datagrams. Since both sides
 * announce, and both look up after announcing, whichever comes second finds the first.
 */
import type { PeerAddress, PeerOrigin } from '../base/address.ts'
import { toHex } from '../base/bytes.ts'
import type { Clock, Timer } from '../base/clock.ts'
import { firstOf } from '../base/first-of.ts'
import { mayDial } from '../base/network-scope.ts'
import { systemClock } from '../base/system-clock.ts'
import type { DhtNode } from './dht-node.ts'
import type { PeerSource, PeerSourceListener, TransferState } from './peer-source.ts'
import { RecentPeers } from './recent-peers.ts'

/** What a source needs to know of its transfer. */
export interface DhtPeerSourceOptions {
  readonly node: Pick<DhtNode, 'on' | 'lookUp' | 'ask' | 'announce' | 'scope' | 'nodeCount' | 'unknownNames'>
  /** 20 bytes. */
  readonly infoHash: Uint8Array
  /** The TCP port on which we take peers; 0: look only, announce nothing. */
  readonly listenPort: number
  readonly clock?: Clock
}

const EARLY_LOOK_UPS_MS = [0, 2_000, 5_000, 10_000, 20_000, 40_000] as const
const LOOK_UP_PERIOD_MS = 5 * 60_000
const ASK_PERIOD_MS = 2_500
const ASK_OFTEN_FOR_MS = 3 * 60_000
const ASK_SELDOM_PERIOD_MS = 20_000
const ANNOUNCE_PERIOD_MS = 15 * 60_000
/** Until the first announce is taken. */
const RETRY_PERIOD_MS = 60_000
const TICK_MS = 500
/** Names of hosts that a phrase lists. */
const NAMES_TOLD = 4

export class DhtPeerSource implements PeerSource {
  readonly origin: PeerOrigin = 'dht'
  readonly #options: DhtPeerSourceOptions
  readonly #clock: Clock
  readonly #recent: RecentPeers
  readonly #releases: (() => void)[] = []
  #listener: PeerSourceListener | undefined
  #timer: Timer | undefined
  #isPeerless = true
  #isBusy = false
  #wasAnnounced = false
  #hasFound = false
  #peerlessSinceMs = 0
  #announcedMs = Number.NEGATIVE_INFINITY
  #lookedUpMs = Number.NEGATIVE_INFINITY
  #askedMs = Number.NEGATIVE_INFINITY
  /** How many of the look-ups at fixed times are done since the transfer last had peers. */
  #earlyLookUps = 0

  constructor(options: DhtPeerSourceOptions) {
    this.#options = options
    this.#clock = options.clock ?? systemClock
    this.#recent = new RecentPeers(this.#clock)
  }

  get tried(): readonly string[] {
    return [`the DHT (${this.#outcome})`]
  }

  start(listener: PeerSourceListener): Promise<void> {
    const { node, infoHash } = this.#options
    const key = toHex(infoHash)
    this.#listener = listener
    this.#peerlessSinceMs = this.#clock.nowMs()
    this.#releases.push(
      node.on('peers', (found) => {
        if (found.infoHash === key) this.#tell(found.addresses)
      }),
      node.on('connected', () => {
        this.#announcedMs = Number.NEGATIVE_INFINITY
        this.#lookedUpMs = Number.NEGATIVE_INFINITY
        this.#work()
      }),
    )
    this.#timer = this.#clock.every(TICK_MS, () => this.#work())
    this.#work()
    return Promise.resolve()
  }

  update({ isPeerless }: TransferState): void {
    if (isPeerless && !this.#isPeerless) {
      this.#peerlessSinceMs = this.#clock.nowMs()
      this.#earlyLookUps = 0
    }
    this.#isPeerless = isPeerless
  }

  stop(): Promise<void> {
    this.#timer?.cancel()
    for (const release of this.#releases) release()
    this.#listener = undefined
    return Promise.resolve()
  }

  /** Does what is due, one thing at a time. */
  #work(): void {
    if (this.#isBusy || this.#listener === undefined) return
    const due = this.#due()
    if (due === undefined) return
    this.#isBusy = true
    void due().finally(() => {
      this.#isBusy = false
    })
  }

  #due(): (() => Promise<void>) | undefined {
    const nowMs = this.#clock.nowMs()
    const isEarly = this.#takeEarlyLookUp(nowMs)
    const isAnnounceDue = this.#options.listenPort !== 0 && (isEarly || nowMs - this.#announcedMs >= this.#announcePeriodMs)
    if (isAnnounceDue || isEarly || nowMs - this.#lookedUpMs >= LOOK_UP_PERIOD_MS) {
      this.#lookedUpMs = nowMs
      if (!isAnnounceDue) return () => this.#lookUp()
      this.#announcedMs = nowMs
      return () => this.#announce()
    }
    const askPeriodMs = nowMs - this.#peerlessSinceMs < ASK_OFTEN_FOR_MS ? ASK_PERIOD_MS : ASK_SELDOM_PERIOD_MS
    if (!this.#isPeerless || nowMs - Math.max(this.#askedMs, this.#lookedUpMs) < askPeriodMs) return undefined
    this.#askedMs = nowMs
    return () => this.#ask()
  }

  /** True once for each of the fixed times, while there are no peers. Nodes join a young network every second, so each announces again. */
  #takeEarlyLookUp(nowMs: number): boolean {
    const nextMs = EARLY_LOOK_UPS_MS[this.#earlyLookUps]
    if (!this.#isPeerless || nextMs === undefined || nowMs - this.#peerlessSinceMs < nextMs) return false
    this.#earlyLookUps++
    return true
  }

  get #announcePeriodMs(): number {
    return this.#wasAnnounced ? ANNOUNCE_PERIOD_MS : RETRY_PERIOD_MS
  }

  get #outcome(): string {
    const { nodeCount, unknownNames } = this.#options.node
    if (this.#hasFound) return 'nobody that it named could be reached'
    if (nodeCount > 0) return 'it knows nobody'
    const names = unknownNames.length === 0 ? '' : `; no such name: ${firstOf(unknownNames, NAMES_TOLD)}`
    return `no node of it answered${names}`
  }

  async #announce(): Promise<void> {
    const { node, infoHash, listenPort } = this.#options
    const taken = await node.announce(infoHash, listenPort)
    if (taken === 0 || this.#wasAnnounced) return
    this.#wasAnnounced = true
    this.#listener?.onAnnounced()
  }

  async #lookUp(): Promise<void> {
    await this.#options.node.lookUp(this.#options.infoHash)
  }

  async #ask(): Promise<void> {
    await this.#options.node.ask(this.#options.infoHash)
  }

  #tell(addresses: readonly PeerAddress[]): void {
    const { node } = this.#options
    const dialable = this.#recent.fresh(addresses.filter((address) => mayDial(address, node.scope)))
    if (dialable.length === 0) return
    this.#hasFound = true
    this.#listener?.onPeers(dialable)
  }
}
