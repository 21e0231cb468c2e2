import type { PeerOrigin } from '../base/address.ts'
import type { Clock, Timer } from '../base/clock.ts'
import { mayDial } from '../base/network-scope.ts'
import { systemClock } from '../base/system-clock.ts'
import type { HostPort } from './host-port.ts'
import type { PeerSource, PeerSourceListener, TransferState } from './peer-source.ts'
import { resolveHost } from './resolve-host.ts'

/** Peers that somebody named. */
export interface StaticPeersOptions {
  readonly peers: readonly HostPort[]
  /** `static` for `--peer`, `magnet` for `x.pe`. */
  readonly origin: Extract<PeerOrigin, 'static' | 'magnet'>
  readonly clock?: Clock
  /** All addresses of a name; empty if it is unknown. Default: the system's resolver. */
  readonly resolve?: (host: string) => Promise<readonly string[]>
}

/** What is said of a peer whose host cannot be looked up. */
export const UNKNOWN_NAME = 'its name was not found'

const EARLY_MS = [2_000, 5_000, 10_000, 20_000, 40_000] as const
const PERIOD_MS = 30_000
const MAX_PEERS = 100
const MAX_ADDRESSES_PER_NAME = 8

/**
 * The peers of `--peer` and of a magnet's `x.pe`. They are named again on a schedule, and names are resolved again each time,
 * because a peer that was named is expected to be there, if not now then later. A name that is unknown is said once.
 */
export class StaticPeers implements PeerSource {
  readonly origin: PeerOrigin
  readonly #peers: readonly HostPort[]
  readonly #clock: Clock
  readonly #resolve: (host: string) => Promise<readonly string[]>
  readonly #warned = new Set<string>()
  /** Of each that cannot be dialled at present, why. */
  readonly #faults = new Map<HostPort, string>()
  #listener: PeerSourceListener | undefined
  #timer: Timer | undefined
  #isPeerless = true
  #early = 0
  #peerlessSinceMs = 0

  constructor({ peers, origin, clock = systemClock, resolve = (host) => resolveHost(host, 0) }: StaticPeersOptions) {
    this.origin = origin
    this.#peers = peers.slice(0, MAX_PEERS)
    this.#clock = clock
    this.#resolve = resolve
  }

  get tried(): readonly string[] {
    return [...this.#faults].map(([{ host, port }, fault]) => `${host}:${port} (${fault})`)
  }

  start(listener: PeerSourceListener): Promise<void> {
    this.#listener = listener
    this.#peerlessSinceMs = this.#clock.nowMs()
    return this.#name()
  }

  update({ isPeerless }: TransferState): void {
    const isLost = isPeerless && !this.#isPeerless
    this.#isPeerless = isPeerless
    if (!isLost) return
    this.#peerlessSinceMs = this.#clock.nowMs()
    this.#early = 0
    this.#schedule()
  }

  stop(): Promise<void> {
    this.#listener = undefined
    this.#timer?.cancel()
    return Promise.resolve()
  }

  async #name(): Promise<void> {
    const named = this.#peers.map((peer) => this.#nameOne(peer))
    this.#schedule()
    await Promise.all(named)
  }

  #schedule(): void {
    this.#timer?.cancel()
    if (this.#listener === undefined) return
    const earlyMs = this.#isPeerless ? EARLY_MS[this.#early++] : undefined
    const delayMs = earlyMs === undefined ? PERIOD_MS : this.#peerlessSinceMs + earlyMs - this.#clock.nowMs()
    this.#timer = this.#clock.after(Math.max(0, delayMs), () => void this.#name())
  }

  async #nameOne(peer: HostPort): Promise<void> {
    const { host, port } = peer
    const hosts = (await this.#resolve(host)).slice(0, MAX_ADDRESSES_PER_NAME)
    const addresses = hosts.map((address) => ({ host: address, port })).filter((address) => mayDial(address, 'host'))
    if (addresses.length > 0) {
      this.#faults.delete(peer)
      this.#listener?.onPeers(addresses)
    } else if (hosts.length > 0) {
      this.#faults.set(peer, 'its address is not one of a host')
      this.#warn(host, `The peer ${host}:${port} cannot be dialled: its address is not one of a host.`)
    } else {
      this.#faults.set(peer, UNKNOWN_NAME)
      this.#warn(host, `The name ${host} of a peer was not found; it is tried again.`)
    }
  }

  #warn(host: string, sentence: string): void {
    if (this.#warned.has(host)) return
    this.#warned.add(host)
    this.#listener?.onWarning(sentence)
  }
}
