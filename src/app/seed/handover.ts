import { formatAddress, type PeerAddress } from '../../base/address.ts'
import type { Clock, Timer } from '../../base/clock.ts'
import { DistroError } from '../../base/errors.ts'
import type { CopyEvent } from '../../swarm/copy-exchange.ts'

/** How often the hosts that hold the tree are looked up. */
const PERIOD_MS = 2_000
/** A host stands once it has answered for so long: a fetch that leaves does so as soon as its copy was heard. */
const STANDING_MS = 10_000
/** Hosts that are looked up at a time; the one that was named comes first. */
const MOST_ASKED = 16
/** Hosts that are remembered: anybody may claim to be another one with each connection. */
const MOST_REMEMBERED = 1_000
/** One that did not answer is left alone for so long when there are others. */
const PAUSE_MS = 30_000

/** To whom a seed may leave its torrent. */
export interface HandoverTerms {
  /** A host by the name that it tells, or an IP address. */
  readonly host: string
  /** Full copies that have to be there, with that of `host`; 1 at least. */
  readonly copies: number
}

/** Throws USAGE where another goal could end the seed before others can take over. */
export function checkHandover(handover: HandoverTerms | undefined, forMs: number | undefined, ratio: number | undefined): void {
  if (handover === undefined || (forMs === undefined && ratio === undefined)) return
  throw new DistroError('USAGE', '--handover stays until others can take over, and --for and --ratio may end before.', {
    hint: 'Leave out one or the other; --timeout bounds the wait.',
  })
}

/** How far a handover is. */
export interface HandoverStatus {
  /** Whom it waits for. */
  readonly host: string
  /** How many shall stand, that host among them. */
  readonly copies: number
  /** How many stand: they hold the tree, and have answered for ten seconds. */
  readonly standing: number
  readonly isHostStanding: boolean
}

/** What a handover needs. */
export interface HandoverParts extends HandoverTerms {
  readonly clock: Clock
  /** Whether somebody answers at `address` for this torrent; called about every other second for each host. */
  answers(address: PeerAddress): Promise<boolean>
}

interface Heir {
  readonly name: string | undefined
  readonly address: PeerAddress
  /** Since when it has answered each time; undefined while it does not. */
  sinceMs: number | undefined
  notBeforeMs: number
}

/**
 * Knows whether the torrent can be left to others: whether enough hosts that hold all of it are there and can be reached, the named one among
 * them. That a host told of its copy is not enough, because most leave then: it has to answer where it listens, for ten seconds.
 */
export class Handover {
  readonly #parts: HandoverParts
  readonly #heirs = new Map<string, Heir>()
  #ticker: Timer | undefined
  #isAsking = false

  constructor(parts: HandoverParts) {
    this.#parts = parts
  }

  /** Whom it waits for. */
  get host(): string {
    return this.#parts.host
  }

  /** Begins to look who is there; called any number of times. */
  start(): void {
    this.#ticker ??= this.#parts.clock.every(PERIOD_MS, () => void this.#ask())
  }

  stop(): void {
    this.#ticker?.cancel()
  }

  /** A host holds the tree; one that nobody can reach cannot take over. */
  onCopy({ hostId, hostName: name, listenAddress: address }: CopyEvent): void {
    if (address === undefined) return
    const key = hostId ?? formatAddress(address)
    // The newest come first: they are most likely to be there.
    const known = this.#heirs.get(key)
    this.#heirs.delete(key)
    if (this.#heirs.size >= MOST_REMEMBERED && !this.#makeRoom()) return
    this.#heirs.set(key, { name: name ?? known?.name, address, sinceMs: known?.sinceMs, notBeforeMs: 0 })
  }

  /** The hosts that stand, by name or address. */
  standing(): readonly string[] {
    return this.#standing.map(({ name, address }) => name ?? address.host)
  }

  /** How far it is; undefined before anybody was looked for. */
  get status(): HandoverStatus | undefined {
    if (this.#ticker === undefined) return undefined
    const { host, copies } = this.#parts
    return { host, copies, standing: this.#standing.length, isHostStanding: this.#isNamedStanding }
  }

  /** True when it can be left to them. */
  get isMet(): boolean {
    return this.standing().length >= this.#parts.copies && this.#isNamedStanding
  }

  /** `There to take over: 1 of 2 full copies, and web-1 is not among them.`: why not yet. */
  shortfall(): string {
    const { host, copies } = this.#parts
    const among = this.#isNamedStanding ? '' : `, and ${host} is not among them`
    return `There to take over: ${this.standing().length} of ${copies} full copies${among}.`
  }

  get #standing(): readonly Heir[] {
    const nowMs = this.#parts.clock.nowMs()
    return [...this.#heirs.values()].filter(({ sinceMs }) => sinceMs !== undefined && nowMs - sinceMs >= STANDING_MS)
  }

  get #isNamedStanding(): boolean {
    return this.#standing.some((heir) => this.#isNamed(heir))
  }

  #isNamed({ name, address }: Heir): boolean {
    const { host } = this.#parts
    return name === host || address.host === host
  }

  /** Forgets who came first of those that do not answer, the named one only when there is nobody else; false if all of them do. */
  #makeRoom(): boolean {
    const silent = [...this.#heirs].filter(([, { sinceMs }]) => sinceMs === undefined)
    const leaving = silent.find(([, heir]) => !this.#isNamed(heir)) ?? silent[0]
    return leaving !== undefined && this.#heirs.delete(leaving[0])
  }

  async #ask(): Promise<void> {
    if (this.#isAsking) return
    this.#isAsking = true
    try {
      await Promise.all(this.#next().map((heir) => this.#look(heir)))
    } finally {
      this.#isAsking = false
    }
  }

  /** Whom to ask now: the named one, those that answered before, then the newest. */
  #next(): readonly Heir[] {
    const nowMs = this.#parts.clock.nowMs()
    const rank = (heir: Heir): number => (this.#isNamed(heir) ? 0 : heir.sinceMs !== undefined ? 1 : 2)
    return [...this.#heirs.values()]
      .reverse()
      .filter((heir) => this.#isNamed(heir) || heir.notBeforeMs <= nowMs)
      .sort((first, second) => rank(first) - rank(second))
      .slice(0, MOST_ASKED)
  }

  async #look(heir: Heir): Promise<void> {
    const isThere = await this.#parts.answers(heir.address)
    const nowMs = this.#parts.clock.nowMs()
    if (isThere) heir.sinceMs ??= nowMs
    else {
      heir.sinceMs = undefined
      heir.notBeforeMs = nowMs + PAUSE_MS
    }
  }
}
