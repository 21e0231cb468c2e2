import { CopyCount } from '../../../src/app/copies/copy-count.ts'
import type { VerbEvents } from '../../../src/app/events.ts'
import { toHex } from '../../../src/base/bytes.ts'
import { Events } from '../../../src/base/events.ts'
import type { Swarm } from '../../../src/swarm/swarm.ts'
import type { Figures } from '../scenario.ts'
import type { SimulatedHost } from '../simulated-host.ts'
import type { Simulation } from '../simulation.ts'

/** What became of the telling of one host. */
interface Telling {
  /** When its tree was in its place first, and what it had said by then, in bytes. */
  readonly placedMs: number
  readonly saidBytes: number
  heardMs: number | undefined
  /** What it said until it was heard, in bytes. */
  tellingBytes: number
  hasLeft: boolean
}

/** What the origin counts, with the class that counts for `seed`, beside what is true. */
export class CopyTally {
  readonly #run: Simulation
  readonly #tellings = new Map<SimulatedHost, Telling>()
  /** When each host was counted, by its number in hexadecimal. */
  readonly #countedMs = new Map<string, number>()
  #counted = 0
  #mostPeers = 0
  #originSaidBytes: number | undefined
  #originTellingBytes = 0

  constructor(run: Simulation) {
    this.#run = run
    run.origin.watch({ onStart: (swarm) => this.#count(swarm), onStop: () => undefined })
  }

  /** Called often: sees how many connections the origin has. */
  look(): void {
    this.#mostPeers = Math.max(this.#mostPeers, this.#run.origin.swarm?.status().peers ?? 0)
  }

  /** The tree of `host` is in its place, maybe not for the first time. */
  onPlaced(host: SimulatedHost): void {
    if (this.#tellings.has(host)) return
    this.#originSaidBytes ??= this.#run.origin.traffic.otherBytes
    const telling = {
      placedMs: this.#run.events.nowMs(),
      saidBytes: host.traffic.otherBytes,
      heardMs: undefined,
      tellingBytes: 0,
      hasLeft: false,
    }
    this.#tellings.set(host, telling)
  }

  /** As far as `host` knows its copy was heard of. */
  onHeard(host: SimulatedHost): void {
    const telling = this.#tellings.get(host)
    if (telling === undefined || telling.heardMs !== undefined) return
    telling.heardMs = this.#run.events.nowMs()
    telling.tellingBytes = host.traffic.otherBytes - telling.saidBytes
  }

  onLeave(host: SimulatedHost): void {
    const telling = this.#tellings.get(host)
    if (telling !== undefined) telling.hasLeft = true
  }

  get lastPlacedMs(): number {
    return Math.max(0, ...[...this.#tellings.values()].map(({ placedMs }) => placedMs))
  }

  /** True while a host has yet to place its tree, or to be heard of. */
  get isAnybodyWaiting(): boolean {
    if (this.#tellings.size < this.#run.leeches.length) return true
    return [...this.#tellings.values()].some(({ heardMs, hasLeft }) => heardMs === undefined && !hasLeft)
  }

  figures(): Figures {
    const tellings = [...this.#tellings]
    const waits = tellings.flatMap(([{ hostId }, { placedMs }]) => {
      const countedMs = this.#countedMs.get(toHex(hostId))
      return countedMs === undefined ? [] : countedMs - placedMs
    })
    const hostBytes = tellings.reduce((sum, [, { tellingBytes }]) => sum + tellingBytes, 0)
    return {
      counted: this.#counted,
      leftUnheard: tellings.filter(([, { heardMs, hasLeft }]) => hasLeft && heardMs === undefined).length,
      medianSecondsUntilCounted: (waits.toSorted((one, other) => one - other)[waits.length >> 1] ?? Number.NaN) / 1_000,
      mostSecondsUntilCounted: Math.max(...waits) / 1_000,
      lastCountedSecondsAfterLastPlaced: Math.max(0, ...this.#countedMs.values(), this.lastPlacedMs) / 1_000 - this.lastPlacedMs / 1_000,
      tellingBytesOfEachHost: hostBytes / tellings.length,
      originsBytesForEachHost: this.#originTellingBytes / tellings.length,
      mostConnectionsOfOrigin: this.#mostPeers,
    }
  }

  #count(swarm: Swarm): void {
    const { leeches, torrent, events, origin } = this.#run
    const told = new Events<VerbEvents>()
    const goal = { copies: leeches.length, inZones: undefined }
    new CopyCount({ swarm, goal, expected: undefined, contentBytes: () => torrent.totalBytes, onCopy: () => undefined }, told)
    told.on('copies', ({ complete, host }) => {
      this.#counted = complete
      this.#countedMs.set(host.id ?? '', events.nowMs())
      this.#originTellingBytes = origin.traffic.otherBytes - (this.#originSaidBytes ?? 0)
    })
  }
}
