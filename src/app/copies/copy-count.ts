import type { Timer } from '../../base/clock.ts'
import type { Events } from '../../base/events.ts'
import { formatCount } from '../../base/format.ts'
import { systemClock } from '../../base/system-clock.ts'
import type { CopyEvent } from '../../swarm/copy-exchange.ts'
import type { Swarm } from '../../swarm/swarm.ts'
import type { CopyHost, VerbEvents } from '../events.ts'
import type { CopiesGoal, ZoneGoalCounts } from './copies-goal.ts'
import { CopyLedger } from './copy-ledger.ts'
import type { CopyRecord } from './copy-record.ts'
import type { ExpectedHost } from './expected-hosts.ts'
import { type ExpectedCounts, type HostRecord, HostRoll } from './host-roll.ts'
import { HostTwins } from './host-twins.ts'
import { missingSentence } from './missing-sentence.ts'
import { Strangers } from './strangers.ts'

/** The hosts that are expected are looked at so often. */
const ROLL_PERIOD_MS = 1_000
/** Zones that a sentence names at most. */
const MOST_ZONES_NAMED = 6

/** Whose copies are counted, and up to where. */
export interface CopyCountParts {
  readonly swarm: Pick<Swarm, 'events' | 'peers'>
  readonly goal: CopiesGoal
  /** Undefined lets any host count. */
  readonly expected: readonly ExpectedHost[] | undefined
  /** 0 while it is not known. */
  contentBytes(): number
  /** One more host counts. */
  onCopy(record: CopyRecord): void
}

/** Counts the hosts that hold the tree, as a swarm that counts hears of them, and tells each as a `copies` event. */
export class CopyCount {
  readonly #parts: CopyCountParts
  readonly #events: Events<VerbEvents>
  readonly #ledger = new CopyLedger()
  readonly #names = new HostTwins()
  readonly #strangers = new Strangers()
  readonly #roll: HostRoll | undefined
  readonly #ticker: Timer | undefined
  #copiesFromEarlierRuns = 0

  constructor(parts: CopyCountParts, events: Events<VerbEvents>) {
    this.#parts = parts
    this.#events = events
    const { swarm, expected, contentBytes } = parts
    if (expected !== undefined) {
      this.#roll = new HostRoll(expected, contentBytes, systemClock)
      this.#ticker = systemClock.every(ROLL_PERIOD_MS, () => this.#roll?.look(swarm.peers()))
    }
    swarm.events.on('peer', ({ kind, peerId }) => {
      if (kind === 'disconnected') this.#ledger.onLeave(peerId)
    })
    swarm.events.on('copy', (copy) => {
      const record = { copy, countedAt: new Date(Date.now() - (copy.ageMs ?? 0)) }
      if (this.#add(record, false)) parts.onCopy(record)
    })
  }

  /** Counts the hosts that an earlier run counted. */
  recall(records: readonly CopyRecord[]): void {
    for (const record of records) {
      this.#add(record, true)
      this.#ledger.onLeave(record.copy.peerId)
    }
  }

  /** Distinct hosts that were found to hold the tree; with a list of hosts those on it. */
  get copies(): number {
    return this.#roll?.counts.complete ?? this.#ledger.count
  }

  /** How many of these told an earlier run. */
  get copiesFromEarlierRuns(): number {
    return this.#copiesFromEarlierRuns
  }

  /** How far the hosts on the list are; undefined without a list. */
  get expected(): ExpectedCounts | undefined {
    return this.#roll?.counts
  }

  /** How far the zones are; undefined when no copies were asked for in each. */
  get inZones(): ZoneGoalCounts | undefined {
    const { inZones } = this.#parts.goal
    if (inZones === undefined) return undefined
    const total = inZones.zones.length
    return { copies: inZones.copies, total, met: total - this.#zonesShort().length }
  }

  /** True once there are as many as were asked for; false if no number was. */
  get isMet(): boolean {
    const { copies, inZones } = this.#parts.goal
    if (copies === undefined && inZones === undefined) return false
    return this.copies >= (copies ?? 0) && this.#zonesShort().length === 0
  }

  /** Each host on the list as it is now; undefined without a list. */
  hosts(): readonly HostRecord[] | undefined {
    this.#roll?.look(this.#parts.swarm.peers())
    return this.#roll?.records()
  }

  /** `2 of 3 copies are complete. Short of 2 copies: rack-b (1). Missing: web-3.`: why it is not enough. */
  shortfall(): string {
    const { copies } = this.#parts.goal
    const count =
      copies === undefined || this.copies >= copies
        ? `${formatCount(this.copies, 'complete copy is', 'complete copies are')} out.`
        : `${this.copies} of ${formatCount(copies, 'copy is', 'copies are')} complete.`
    const hosts = this.hosts()
    return [count, this.#zonesSentence(), hosts === undefined ? '' : missingSentence(hosts)].filter((text) => text !== '').join(' ')
  }

  /** What to do about it: `usual`, and before that what may explain why hosts on the list are missing. */
  hint(usual: string): string {
    const { expected } = this
    if (expected === undefined || expected.complete === expected.total || this.isMet) return usual
    return `${this.#strangers.hint} ${usual}`.trimStart()
  }

  stop(): void {
    this.#ticker?.cancel()
  }

  /** True if this is one more. */
  #add({ copy, countedAt }: CopyRecord, isFromEarlierRun: boolean): boolean {
    const before = this.copies
    const isOnList = this.#roll?.onCopy(copy, countedAt, isFromEarlierRun) ?? false
    const isNew = this.#ledger.add(copy)
    this.#noteStranger(copy, isNew)
    const twin = this.#names.note(copy, isNew)
    if (twin !== undefined) this.#events.emit('warning', { message: this.#twinSentence(copy, twin) })
    if (!isNew && !isOnList) return false
    if (isFromEarlierRun) this.#copiesFromEarlierRuns += this.copies - before
    const { inZones } = this
    this.#events.emit('copies', {
      complete: this.copies,
      goal: this.#parts.goal.copies ?? null,
      expected: this.expected ?? null,
      zonesShort: inZones === undefined ? null : inZones.total - inZones.met,
      inZones: inZones ?? null,
      host: this.#hostOf(copy),
      countedAt: countedAt.toISOString(),
      isFromEarlierRun,
    })
    return true
  }

  /** A host that comes again under the name on the list, as the hint advises, is no stranger any more. */
  #noteStranger({ hostId, hostName, peerId }: CopyEvent, isNew: boolean): void {
    const id = hostId ?? peerId
    if (this.#roll?.expects(hostName) !== false) this.#strangers.forget(id)
    else if (isNew) this.#strangers.note(id, hostName)
  }

  #twinSentence({ hostName }: CopyEvent, twin: string): string {
    const count = this.#roll?.expects(hostName) === true ? 'it counts for each expected name' : 'it counts once'
    return `${hostName} is the same host as ${twin}: runs with one --state-dir on one machine are one host, and ${count}.`
  }

  /** The zones that have less than was asked for. */
  #zonesShort(): readonly string[] {
    const { inZones } = this.#parts.goal
    return inZones?.zones.filter((zone) => this.#completeIn(zone) < inZones.copies) ?? []
  }

  #zonesSentence(): string {
    const short = this.#zonesShort()
    const { inZones } = this.#parts.goal
    if (short.length === 0 || inZones === undefined) return ''
    const named = short.slice(0, MOST_ZONES_NAMED).map((zone) => `${zone} (${this.#completeIn(zone)})`)
    const among = short.length > MOST_ZONES_NAMED ? `${formatCount(short.length, 'zone')}, among them ` : ''
    return `Short of ${formatCount(inZones.copies, 'copy', 'copies')}: ${among}${named.join(', ')}.`
  }

  #completeIn(zone: string): number {
    return this.#roll?.completeIn(zone) ?? 0
  }

  #hostOf({ hostId, hostName, zone, address }: CopyEvent): CopyHost {
    const isExpected = this.#roll?.expects(hostName) ?? null
    return { id: hostId ?? null, name: hostName ?? null, zone: zone ?? null, address: address ?? null, isExpected }
  }
}
