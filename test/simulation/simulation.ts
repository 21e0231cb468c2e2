import type { Random } from '../../src/base/random.ts'
import { automaticPieceLength } from '../../src/torrent/piece-length.ts'
import { SeededRandom } from '../support/seeded-random.ts'
import { boundSeconds } from './bound.ts'
import { EventQueue } from './event-queue.ts'
import type { Figures, Scenario } from './scenario.ts'
import { type HostPlan, SimulatedHost } from './simulated-host.ts'
import { SimulatedNetwork } from './simulated-network.ts'
import { SimulatedTorrent } from './simulated-torrent.ts'
import { SimulatedTracker } from './tracker.ts'

/** What is simulated. */
export interface SimulationOptions {
  readonly scenario: Scenario
  /** Hosts that fetch; the origin comes on top. */
  readonly hosts: number
  readonly sizeBytes: number
  /** The same seed gives the same run, event for event. */
  readonly seed: number
  /** Chosen by size unless given. */
  readonly pieceLengthBytes?: number
  /** So many real bytes stand behind each simulated one: a block of the engine's is so many times larger than 16 KiB. */
  readonly scale?: number
  /** Of an ordinary host, each way. */
  readonly linkBytesPerSecond?: number
}

/** 100 Mbit/s. */
const USUAL_LINK_BYTES_PER_SECOND = 12_500_000
const ANNOUNCE_PERIOD_MS = 60_000
const LOOK_PERIOD_MS = 1_000
/** A run that needs so many times the bound has failed. */
const PATIENCE = 30

/** One run: a swarm of hosts with the real engine, from the first start to the last completion. */
export class Simulation {
  readonly events: EventQueue = new EventQueue()
  readonly options: SimulationOptions
  readonly random: Random
  readonly network: SimulatedNetwork
  readonly torrent: SimulatedTorrent
  readonly tracker: SimulatedTracker
  readonly origin: SimulatedHost
  /** Of an ordinary host, each way. */
  readonly linkBytesPerSecond: number
  readonly leeches: readonly SimulatedHost[]
  /** Hosts that need not finish: they are hostile, or they crashed for good. */
  readonly excused: Set<SimulatedHost> = new Set()
  readonly boundMs: number
  readonly #missing: Set<SimulatedHost>
  #isHeld = false
  /** The bounds of hosts that have one of their own. */
  readonly #ownBoundsMs = new Map<SimulatedHost, number>()
  readonly #figures: (() => Figures)[] = []
  #look: () => void = () => undefined
  /** Connections of hosts that were fetching, added up once a second, and how many hosts those were. */
  #degrees = 0
  #degreesTaken = 0

  constructor(options: SimulationOptions) {
    this.options = options
    const { scenario, sizeBytes, seed, scale = 1 } = options
    this.random = new SeededRandom(seed)
    this.network = new SimulatedNetwork(this.events, scale)
    this.tracker = new SimulatedTracker(this.random)
    const pieceLengthBytes = options.pieceLengthBytes ?? automaticPieceLength(sizeBytes)
    this.torrent = new SimulatedTorrent(sizeBytes, pieceLengthBytes, scale, seed)
    this.linkBytesPerSecond = options.linkBytesPerSecond ?? USUAL_LINK_BYTES_PER_SECOND
    const plans = scenario.hosts({ hosts: options.hosts, linkBytesPerSecond: this.linkBytesPerSecond, random: this.random })
    const [origin, ...leeches] = plans.map((plan) => this.#host(plan))
    this.origin = origin as SimulatedHost
    this.leeches = leeches
    this.#missing = new Set(leeches.filter((leech) => !leech.isComplete))
    for (const leech of leeches) if (leech.isComplete) this.excused.add(leech)
    const honest = leeches.filter((leech) => !this.excused.has(leech)).map(({ plan }) => plan)
    this.boundMs = 1_000 * (scenario.boundSeconds?.(sizeBytes, plans) ?? boundSeconds(sizeBytes, this.origin.plan, honest))
  }

  /** What one host can reach has a bound of its own: `boundMs` after the moment from which its time counts. */
  setBound(host: SimulatedHost, boundMs: number): void {
    this.#ownBoundsMs.set(host, boundMs)
  }

  /** The time that `host` took, by the least that it could have taken. */
  overBound(host: SimulatedHost): number {
    return this.tookMs(host) / this.boundOfMs(host)
  }

  /** The time that `host` took: from the start of the run, or from its own where the scenario says so. */
  tookMs(host: SimulatedHost): number {
    return host.completedMs - (this.options.scenario.countsFromOwnStart === true ? host.startedMs : 0)
  }

  /** The least that `host` could have taken; time in which it was off counts as time that it had to take. */
  boundOfMs(host: SimulatedHost): number {
    return (this.#ownBoundsMs.get(host) ?? this.boundMs) + host.awayMs
  }

  /** The worst of `hosts` that had to finish and did, each against its own bound; NaN if there are none. */
  lastOverBound(hosts: readonly SimulatedHost[]): number {
    const counted = hosts.filter((host) => host.isComplete && !this.excused.has(host))
    return counted.reduce((worst, host) => Math.max(worst, this.overBound(host)), counted.length === 0 ? Number.NaN : 0)
  }

  /** Adds to the figures of the report what `figures` returns when the run is over. */
  addFigures(figures: () => Figures): void {
    this.#figures.push(figures)
  }

  /** What the scenario reports of its own, but for what has no meaning in this run: the last of no hosts, say. */
  get figures(): Figures {
    const all = this.#figures.flatMap((figures) => Object.entries(figures()))
    return Object.fromEntries(all.filter(([, value]) => Number.isFinite(value)))
  }

  /** Leeches that have everything. */
  get completed(): number {
    return this.leeches.filter((leech) => leech.isComplete && !this.excused.has(leech)).length
  }

  /** True when every host that must finish has finished, and nothing else is waited for. */
  get isOver(): boolean {
    return this.#missing.size === 0 && !this.#isHeld
  }

  /** True when every host that must finish has finished. */
  get areAllComplete(): boolean {
    return this.#missing.size === 0
  }

  /** The run goes on when all hosts have finished, until it is released. */
  hold(): void {
    this.#isHeld = true
  }

  release(): void {
    this.#isHeld = false
  }

  /** The process of `host` starts and announces itself. */
  start(host: SimulatedHost): void {
    if (host.isRunning) return
    host.start()
    this.announce(host)
  }

  /** The process of `host` ends: by a crash, or in order, and then it takes itself off the tracker. */
  stop(host: SimulatedHost, how: 'leaves' | 'crashes'): void {
    if (!host.isRunning) return
    host.stop(how)
    if (how === 'leaves') this.tracker.leave(host.address)
  }

  announce(host: SimulatedHost): void {
    host.meets(this.tracker.announce(host.address))
  }

  /** `host` need not finish. */
  excuse(host: SimulatedHost): void {
    this.excused.add(host)
    this.#missing.delete(host)
  }

  /** Calls `look` once in every second of virtual time, between two events: it is no event itself, so nothing is changed by it. */
  lookEverySecond(look: () => void): void {
    this.#look = look
  }

  /** Connections that a host had while it fetched, on average. */
  get meanDegree(): number {
    return this.#degrees / this.#degreesTaken
  }

  /** Runs to the end; `onProgress` is called every so many events. Returns false if the hosts did not all finish in time. */
  run(onProgress?: () => void): boolean {
    const { scenario } = this.options
    scenario.script(this)
    this.events.every(ANNOUNCE_PERIOD_MS, () => {
      for (const host of [this.origin, ...this.leeches]) if (host.isRunning) this.announce(host)
    })
    let events = 0
    let nextLookMs = LOOK_PERIOD_MS
    this.events.run(this.boundMs * PATIENCE + 60_000, () => {
      if ((++events & 0xffff) === 0) onProgress?.()
      if (this.events.nowMs() >= nextLookMs) {
        nextLookMs += LOOK_PERIOD_MS
        this.#countDegrees()
        this.#look()
      }
      return this.isOver
    })
    return this.isOver
  }

  #countDegrees(): void {
    for (const leech of this.leeches) {
      if (!leech.isRunning || leech.isComplete) continue
      this.#degrees += this.network.connectionsOf(leech)
      this.#degreesTaken++
    }
  }

  #host(plan: HostPlan): SimulatedHost {
    return new SimulatedHost(this.network, this.torrent, plan, this.options.seed, (host) => this.#missing.delete(host))
  }
}
