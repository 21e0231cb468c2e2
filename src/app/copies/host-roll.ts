import type { PeerAddress } from '../../base/address.ts'
import type { Clock } from '../../base/clock.ts'
import { RateMeter } from '../../base/rate.ts'
import type { CopyEvent } from '../../swarm/copy-exchange.ts'
import type { PeerStatus } from '../../swarm/swarm-types.ts'
import type { ExpectedHost } from './expected-hosts.ts'

/** The rate of a host follows from pieces, which may be large. */
const RATE_WINDOW_MS = 10_000

/** Whether an expected host holds the tree, is connected and on its way to it, or neither. */
export type HostState = 'complete' | 'arriving' | 'missing'

/** One expected host. */
export interface HostRecord {
  readonly name: string
  /** As the list says, else as it told; null where neither does. */
  readonly zone: string | null
  readonly state: HostState
  /** The fraction of the pieces that it had when it was last connected, 0 to 1. */
  readonly progress: number
  /** How fast it gets them, from whomever; 0 unless it is on its way. */
  readonly bytesPerSecond: number
  /** Where it was connected from last; null for one that never was, and where another told of it and not of that. */
  readonly address: PeerAddress | null
  /** When it told that it holds the tree, in ISO 8601; null before. */
  readonly completeAt: string | null
  /** True if it told that to an earlier run of the same seed. */
  readonly isFromEarlierRun: boolean
}

/** How many of the expected hosts are how far. */
export interface ExpectedCounts {
  readonly total: number
  readonly complete: number
  readonly arriving: number
  readonly missing: number
}

interface Entry {
  readonly name: string
  zone: string | undefined
  isHere: boolean
  progress: number
  meter: RateMeter | undefined
  address: PeerAddress | undefined
  completeAt: string | undefined
  isFromEarlierRun: boolean
}

/** Calls the roll of the expected hosts: who holds the tree, who is on the way, who is missing. Hosts are known by the names that they tell. */
export class HostRoll {
  readonly #clock: Clock
  readonly #contentBytes: () => number
  readonly #entries = new Map<string, Entry>()
  readonly #completeByZone = new Map<string, number>()
  #complete = 0
  #arriving = 0

  /** `contentBytes` is 0 while it is not known. */
  constructor(expected: readonly ExpectedHost[], contentBytes: () => number, clock: Clock) {
    this.#clock = clock
    this.#contentBytes = contentBytes
    for (const { name, zone } of expected) {
      const nothingYet = {
        isHere: false,
        progress: 0,
        meter: undefined,
        address: undefined,
        completeAt: undefined,
        isFromEarlierRun: false,
      }
      this.#entries.set(name, { name, zone, ...nothingYet })
    }
  }

  get counts(): ExpectedCounts {
    const total = this.#entries.size
    return { total, complete: this.#complete, arriving: this.#arriving, missing: total - this.#complete - this.#arriving }
  }

  /** How many of the hosts in a zone hold the tree. */
  completeIn(zone: string): number {
    return this.#completeByZone.get(zone) ?? 0
  }

  expects(name: string | undefined): boolean {
    return name !== undefined && this.#entries.has(name)
  }

  /** A host holds the tree, which it told `at` that time, to this run or an earlier one; true if it is expected and was not known to hold it. */
  onCopy({ hostName, zone, address }: CopyEvent, at: Date = new Date(), isFromEarlierRun = false): boolean {
    const entry = hostName === undefined ? undefined : this.#entries.get(hostName)
    if (entry === undefined || entry.completeAt !== undefined) return false
    if (entry.isHere) this.#arriving--
    this.#complete++
    entry.completeAt = at.toISOString()
    entry.isFromEarlierRun = isFromEarlierRun
    entry.progress = 1
    entry.zone ??= zone
    entry.address = address ?? entry.address
    if (entry.zone !== undefined) this.#completeByZone.set(entry.zone, this.completeIn(entry.zone) + 1)
    return true
  }

  /** Looks at who is connected; called about once a second. */
  look(peers: readonly PeerStatus[]): void {
    const here = new Set<Entry>()
    for (const peer of peers) {
      const entry = peer.hostName === undefined ? undefined : this.#entries.get(peer.hostName)
      if (entry === undefined || entry.completeAt !== undefined) continue
      // Should two hosts go by one name, the one that is further speaks for it.
      if (!here.has(entry) || peer.progress > entry.progress) this.#note(entry, peer)
      here.add(entry)
    }
    for (const entry of this.#entries.values()) entry.isHere = here.has(entry)
    this.#arriving = here.size
  }

  /** Every host: those that are missing first, then those on the way, the slowest first; the same state by name. */
  records(): readonly HostRecord[] {
    const byName = new Intl.Collator('en', { numeric: true })
    return [...this.#entries.values()]
      .map((entry) => recordOf(entry))
      .sort(
        (first, second) =>
          ORDER[first.state] - ORDER[second.state] ||
          (first.state === 'arriving' ? first.progress - second.progress : 0) ||
          byName.compare(first.name, second.name),
      )
  }

  #note(entry: Entry, { progress, zone, address }: PeerStatus): void {
    entry.meter ??= new RateMeter(this.#clock, RATE_WINDOW_MS)
    // What it came with was not fetched now.
    if (entry.isHere && entry.progress > 0) entry.meter.add(Math.max(0, progress - entry.progress) * this.#contentBytes())
    entry.progress = progress
    entry.zone ??= zone
    entry.address = address
  }
}

const ORDER: Readonly<Record<HostState, number>> = { missing: 0, arriving: 1, complete: 2 }

function recordOf({ name, zone, isHere, progress, meter, address, completeAt, isFromEarlierRun }: Entry): HostRecord {
  const state = completeAt !== undefined ? 'complete' : isHere ? 'arriving' : 'missing'
  const bytesPerSecond = state === 'arriving' ? (meter?.bytesPerSecond() ?? 0) : 0
  const told = { address: address ?? null, completeAt: completeAt ?? null, isFromEarlierRun }
  return { name, zone: zone ?? null, state, progress, bytesPerSecond, ...told }
}
