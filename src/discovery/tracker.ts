import type { PeerOrigin } from '../base/address.ts'
import type { Clock, Timer } from '../base/clock.ts'
import type { Decoded } from '../base/decoded.ts'
import { mayDial, scopeOf } from '../base/network-scope.ts'
import type { Random } from '../base/random.ts'
import { systemClock } from '../base/system-clock.ts'
import { systemRandom } from '../base/system-random.ts'
import { BLOCK_BYTES } from '../base/units.ts'
import type { PeerSource, PeerSourceListener, TransferState } from './peer-source.ts'
import type { TrackerClient, TrackerEvent, TrackerReply } from './tracker-announce.ts'
import { TrackerHttp } from './tracker-http.ts'
import { TrackerList } from './tracker-list.ts'
import { trackerScope } from './tracker-reach.ts'
import { TrackerUdp } from './tracker-udp.ts'

/** The trackers of one transfer. */
export interface TrackerPeerSourceOptions {
  /** URLs (http, https, udp) by tier (BEP 12). */
  readonly tiers: readonly (readonly string[])[]
  /** Those among them that the person typed; the others are a stranger's. */
  readonly typed?: readonly string[]
  /** 20 bytes each. */
  readonly infoHash: Uint8Array
  readonly peerId: Uint8Array
  /** The TCP port on which we take peers. */
  readonly listenPort: number
  /** What is missing at the start; if left out, the size is unknown and we are taken for a leech. */
  readonly bytesLeft?: number
  readonly clock?: Clock
  readonly random?: Random
}

const PEERS_WANTED = 80
/** A tracker takes whoever lacks nothing for a seed, so of a torrent of unknown size we lack one block. */
const UNKNOWN_BYTES_LEFT = BLOCK_BYTES
const STOP_WITHIN_MS = 2_000
/** A transfer without peers asks again sooner, unless the tracker asked for more patience. */
const PEERLESS_INTERVAL_MS = 2 * 60_000
const BACK_OFF_MS = [5_000, 15_000, 30_000, 60_000, 120_000, 300_000, 900_000, 1_800_000] as const

/** Peers from trackers (BEP 3, 12, 15): tells the first that answers of start, completion and end, and asks it again when it wants to be asked. */
export class TrackerPeerSource implements PeerSource {
  readonly origin: PeerOrigin = 'tracker'
  readonly #options: TrackerPeerSourceOptions
  readonly #clock: Clock
  readonly #random: Random
  readonly #list: TrackerList
  readonly #key: number
  readonly #clients = new Map<URL, TrackerClient>()
  readonly #warned = new Set<string>()
  /** What came of the last announce to each tracker that was asked. */
  readonly #outcomes = new Map<URL, string>()
  /** Trackers that know of us and want to know when we leave. */
  readonly #started = new Set<URL>()
  readonly #ended = new AbortController()
  #listener: PeerSourceListener | undefined
  #state: TransferState
  #timer: Timer | undefined
  #running: Promise<void> = Promise.resolve()
  #failures = 0
  #wasAnnounced = false
  #isCompletionDue = false

  constructor(options: TrackerPeerSourceOptions) {
    this.#options = options
    this.#clock = options.clock ?? systemClock
    this.#random = options.random ?? systemRandom
    this.#list = new TrackerList(options.tiers, this.#random)
    this.#key = this.#random.below(2 ** 32)
    this.#state = { isPeerless: true, bytesLeft: options.bytesLeft ?? UNKNOWN_BYTES_LEFT, uploadedBytes: 0, downloadedBytes: 0 }
  }

  get tried(): readonly string[] {
    const refused = this.#list.refused.map((url) => `the tracker ${shorten(url)} (it is not one that distro can ask)`)
    return [...[...this.#outcomes].map(([url, outcome]) => `the tracker ${nameOf(url)} (${outcome})`), ...refused]
  }

  start(listener: PeerSourceListener): Promise<void> {
    this.#listener = listener
    for (const url of this.#list.refused) listener.onWarning(`The tracker ${shorten(url)} is not one that distro can ask.`)
    if (this.#list.inOrder.length > 0) this.#announceSoon(0)
    return Promise.resolve()
  }

  update(state: TransferState): void {
    const isCompleted = this.#state.bytesLeft > 0 && state.bytesLeft === 0
    this.#state = state
    if (!isCompleted || this.#listener === undefined) return
    this.#isCompletionDue = true
    if (this.#started.size > 0) this.#announceSoon(0)
  }

  async stop(): Promise<void> {
    this.#listener = undefined
    this.#timer?.cancel()
    this.#ended.abort()
    const timeUp = new AbortController()
    const timer = this.#clock.after(STOP_WITHIN_MS, () => timeUp.abort())
    await this.#running
    await Promise.all([...this.#started].map((url) => this.#tell(url, 'stopped', timeUp.signal)))
    timer.cancel()
  }

  #announceSoon(delayMs: number): void {
    this.#timer?.cancel()
    this.#timer = this.#clock.after(delayMs, () => {
      this.#running = this.#running.then(() => this.#announce())
    })
  }

  /** Goes through the list until one answers. */
  async #announce(): Promise<void> {
    for (const url of this.#list.inOrder) {
      if (this.#listener === undefined) return
      const isKnown = this.#started.has(url)
      const event = !isKnown ? 'started' : this.#isCompletionDue ? 'completed' : undefined
      if (!this.#outcomes.has(url)) this.#outcomes.set(url, 'no answer yet')
      const reply = await this.#tell(url, event, this.#ended.signal)
      if (this.#listener === undefined) return
      if (reply.ok) return this.#take(url, event, reply.value)
      this.#outcomes.set(url, reply.fault)
      this.#warn(url, `does not help: ${reply.fault}; it is asked again later.`)
    }
    this.#announceSoon(BACK_OFF_MS[Math.min(this.#failures++, BACK_OFF_MS.length - 1)] as number)
  }

  #take(url: URL, event: TrackerEvent | undefined, reply: TrackerReply): void {
    this.#list.promote(url)
    this.#started.add(url)
    this.#failures = 0
    if (event === 'completed') this.#isCompletionDue = false
    if (!this.#wasAnnounced) this.#listener?.onAnnounced()
    this.#wasAnnounced = true
    if (reply.warning !== undefined) this.#warn(url, `says: "${reply.warning}"`)
    const peers = reply.peers.filter((address) => mayDial(address, this.#scopeOf(url)))
    this.#outcomes.set(url, peers.length === 0 ? 'it knows nobody else' : 'nobody that it named could be reached')
    if (peers.length > 0) this.#listener?.onPeers(peers)
    this.#announceSoon(this.#isCompletionDue ? 0 : this.#intervalMs(reply))
  }

  #intervalMs({ intervalMs, minIntervalMs }: TrackerReply): number {
    if (!this.#state.isPeerless) return intervalMs
    return Math.min(intervalMs, Math.max(minIntervalMs ?? 0, PEERLESS_INTERVAL_MS))
  }

  /** Only a tracker on this very machine knows peers on it by a loopback address. */
  #scopeOf(url: URL): 'host' | 'private' {
    return scopeOf([url.hostname.replace(/^\[|\]$/g, '')]) === 'host' ? 'host' : 'private'
  }

  #tell(url: URL, event: TrackerEvent | undefined, signal: AbortSignal): Promise<Decoded<TrackerReply>> {
    const { infoHash, peerId, listenPort } = this.#options
    const { bytesLeft, uploadedBytes, downloadedBytes } = this.#state
    const peersWanted = event === 'stopped' ? 0 : PEERS_WANTED
    const told = { infoHash, peerId, listenPort, uploadedBytes, downloadedBytes, bytesLeft, event, peersWanted, key: this.#key }
    return this.#clientOf(url).announce(told, signal)
  }

  #clientOf(url: URL): TrackerClient {
    const known = this.#clients.get(url)
    if (known !== undefined) return known
    const isTyped = this.#options.typed?.some((text) => URL.canParse(text) && new URL(text).href === url.href) === true
    const client =
      url.protocol === 'udp:'
        ? new TrackerUdp(url, this.#clock, this.#random)
        : new TrackerHttp(url, this.#clock, trackerScope(url, isTyped))
    this.#clients.set(url, client)
    return client
  }

  /** Once for each tracker and sentence. */
  #warn(url: URL, predicate: string): void {
    const sentence = `The tracker ${nameOf(url)} ${predicate}`
    if (this.#warned.has(sentence) || this.#warned.size >= 100) return
    this.#warned.add(sentence)
    this.#listener?.onWarning(sentence)
  }
}

/** The path of the URL may hold somebody's pass key and is left out. */
function nameOf(url: URL): string {
  return `${url.protocol}//${url.host}`
}

function shorten(text: string): string {
  return JSON.stringify(text.slice(0, 200))
}
