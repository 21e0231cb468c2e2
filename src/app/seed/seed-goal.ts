import type { Timer } from '../../base/clock.ts'
import { DistroError } from '../../base/errors.ts'
import type { Events } from '../../base/events.ts'
import { formatSeconds } from '../../base/format.ts'
import { systemClock } from '../../base/system-clock.ts'
import type { Swarm } from '../../swarm/swarm.ts'
import type { CopiesGoal, ZoneGoalCounts } from '../copies/copies-goal.ts'
import { CopyCount } from '../copies/copy-count.ts'
import type { CopyMemory } from '../copies/copy-memory.ts'
import type { CopyRecord } from '../copies/copy-record.ts'
import type { ExpectedHost } from '../copies/expected-hosts.ts'
import type { ExpectedCounts, HostRecord } from '../copies/host-roll.ts'
import type { VerbEvents } from '../events.ts'
import type { Handover } from './handover.ts'
import type { SeedRequest } from './seed-request.ts'

const PERIOD_MS = 250

/** What a seed shows of itself to its goal. */
export interface SeedGoalParts {
  readonly swarm: Pick<Swarm, 'events' | 'peers'>
  readonly copiesGoal: CopiesGoal
  readonly expected: readonly ExpectedHost[] | undefined
  readonly contentBytes: number
  /** Undefined when no number of copies was asked for. */
  readonly memory: Pick<CopyMemory, 'add'> | undefined
  /** Undefined when nobody has to take over. */
  readonly handover: Handover | undefined
  /** Bytes sent so far, to peers and over HTTP. */
  uploadedBytes(): number
}

/** Watches a seed until one of its goals is met - enough complete copies, enough time, enough bytes sent - or cannot be met in time. */
export class SeedGoal {
  /** Resolves when the first goal is met, and rejects with INCOMPLETE or STALLED at a deadline; otherwise it stays open. */
  readonly met: Promise<void>
  readonly #request: SeedRequest
  readonly #parts: SeedGoalParts
  readonly #count: CopyCount
  readonly #ticker: Timer
  readonly #startedMs = systemClock.nowMs()
  #movedMs = this.#startedMs
  #uploadedBytes = 0
  #isMet = false

  constructor(request: SeedRequest, parts: SeedGoalParts, events: Events<VerbEvents>) {
    this.#request = request
    this.#parts = parts
    let settle: () => void = () => undefined
    this.met = new Promise((resolve, reject) => {
      settle = (): void => {
        try {
          if (this.#look()) resolve()
        } catch (error) {
          reject(error)
        }
      }
    })
    this.met.catch(() => undefined)
    this.#ticker = systemClock.every(PERIOD_MS, settle)
    const { swarm, copiesGoal: goal, expected, contentBytes, memory, handover } = parts
    swarm.events.on('copy', (copy) => handover?.onCopy(copy))
    const onCopy = (record: CopyRecord): void => {
      memory?.add(record)
      settle()
    }
    this.#count = new CopyCount({ swarm, goal, expected, contentBytes: () => contentBytes, onCopy }, events)
  }

  /** Counts what earlier runs counted that ended too soon. */
  recall(records: readonly CopyRecord[]): void {
    for (const { copy } of records) this.#parts.handover?.onCopy(copy)
    this.#count.recall(records)
  }

  /** Distinct hosts that were found to hold the tree; with a list of hosts those on it. */
  get copies(): number {
    return this.#count.copies
  }

  /** How many of these told an earlier run. */
  get copiesFromEarlierRuns(): number {
    return this.#count.copiesFromEarlierRuns
  }

  /** How far the hosts on the list are; undefined without a list. */
  get expected(): ExpectedCounts | undefined {
    return this.#count.expected
  }

  /** How far the zones are; undefined when no copies were asked for in each. */
  get inZones(): ZoneGoalCounts | undefined {
    return this.#count.inZones
  }

  /** Each host on the list as it is now; undefined without a list. */
  hosts(): readonly HostRecord[] | undefined {
    return this.#count.hosts()
  }

  get isMet(): boolean {
    return this.#isMet
  }

  stop(): void {
    this.#ticker.cancel()
    this.#count.stop()
    this.#parts.handover?.stop()
  }

  /** True when a goal is met; throws when a deadline has passed. */
  #look(): boolean {
    const { forMs, ratio } = this.#request
    const nowMs = systemClock.nowMs()
    const uploadedBytes = this.#parts.uploadedBytes()
    if (uploadedBytes !== this.#uploadedBytes) this.#movedMs = nowMs
    this.#uploadedBytes = uploadedBytes
    this.#isMet ||=
      this.#areCopiesMet() ||
      (forMs !== undefined && nowMs - this.#startedMs >= forMs) ||
      (ratio !== undefined && uploadedBytes >= ratio * this.#parts.contentBytes)
    if (!this.#isMet) this.#checkDeadlines(nowMs)
    return this.#isMet
  }

  #areCopiesMet(): boolean {
    const { handover, copiesGoal } = this.#parts
    if (handover === undefined) return this.#count.isMet
    const isAnyAsked = copiesGoal.copies !== undefined || copiesGoal.inZones !== undefined
    if (isAnyAsked && !this.#count.isMet) return false
    handover.start()
    return handover.isMet
  }

  #checkDeadlines(nowMs: number): void {
    const { timeoutMs, stallTimeoutMs } = this.#request.network
    const counted = this.#parts.memory === undefined || this.copies === 0 ? '' : ', and copies that were counted stay counted'
    const hint = this.#count.hint(`Start the ${this.#request.verb ?? 'seed'} again to go on: hosts keep what they have verified${counted}.`)
    if (timeoutMs !== undefined && nowMs - this.#startedMs >= timeoutMs) {
      throw new DistroError('INCOMPLETE', `The time of ${formatSeconds(timeoutMs / 1_000)} is over: ${this.#shortfall()}`, { hint })
    }
    if (stallTimeoutMs !== undefined && nowMs - this.#movedMs >= stallTimeoutMs) {
      throw new DistroError('STALLED', `Nothing was asked of the seed for ${formatSeconds(stallTimeoutMs / 1_000)}: ${this.#shortfall()}`, {
        hint,
      })
    }
  }

  #shortfall(): string {
    const { handover } = this.#parts
    const copies = this.#count.shortfall()
    return handover === undefined ? copies : `${copies} ${handover.shortfall()}`
  }
}
