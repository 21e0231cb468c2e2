import type { Timer } from '../base/clock.ts'
import { DistroError } from '../base/errors.ts'
import type { Events } from '../base/events.ts'
import { formatCount } from '../base/format.ts'
import { systemClock } from '../base/system-clock.ts'
import type { Swarm } from '../swarm/swarm.ts'
import { CopyLedger } from './copy-ledger.ts'
import type { VerbEvents } from './events.ts'
import type { SeedRequest } from './seed-request.ts'

const PERIOD_MS = 250

/** What a seed shows of itself to its goal. */
export interface SeedGoalParts {
  readonly swarm: Pick<Swarm, 'events'>
  readonly contentBytes: number
  /** Bytes sent so far, to peers and over HTTP. */
  uploadedBytes(): number
}

/** Watches a seed until one of its goals is met - enough complete copies, enough time, enough bytes sent - or cannot be met in time. */
export class SeedGoal {
  /** Resolves when the first goal is met, and rejects with INCOMPLETE or STALLED at a deadline; otherwise it stays open. */
  readonly met: Promise<void>
  readonly #request: SeedRequest
  readonly #parts: SeedGoalParts
  readonly #ledger = new CopyLedger()
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
    parts.swarm.events.on('peer', ({ kind, peerId }) => {
      if (kind === 'disconnected') this.#ledger.onLeave(peerId)
    })
    parts.swarm.events.on('copy', (copy) => {
      if (!this.#ledger.add(copy)) return
      const host = { id: copy.hostId ?? null, name: copy.hostName ?? null, address: copy.address }
      events.emit('copies', { complete: this.copies, goal: request.untilCopies ?? null, host })
      settle()
    })
  }

  /** Distinct hosts that were found to hold the tree. */
  get copies(): number {
    return this.#ledger.count
  }

  get isMet(): boolean {
    return this.#isMet
  }

  stop(): void {
    this.#ticker.cancel()
  }

  /** True when a goal is met; throws when a deadline has passed. */
  #look(): boolean {
    const { untilCopies, forMs, ratio } = this.#request
    const nowMs = systemClock.nowMs()
    const uploadedBytes = this.#parts.uploadedBytes()
    if (uploadedBytes !== this.#uploadedBytes) this.#movedMs = nowMs
    this.#uploadedBytes = uploadedBytes
    this.#isMet ||=
      (untilCopies !== undefined && this.copies >= untilCopies) ||
      (forMs !== undefined && nowMs - this.#startedMs >= forMs) ||
      (ratio !== undefined && uploadedBytes >= ratio * this.#parts.contentBytes)
    if (!this.#isMet) this.#checkDeadlines(nowMs)
    return this.#isMet
  }

  #checkDeadlines(nowMs: number): void {
    const { untilCopies } = this.#request
    const { timeoutMs, stallTimeoutMs } = this.#request.network
    const copies =
      untilCopies === undefined
        ? `${formatCount(this.copies, 'complete copy is', 'complete copies are')} out`
        : `${this.copies} of ${formatCount(untilCopies, 'copy is', 'copies are')} complete`
    const hint = 'Start the seed again to go on: hosts keep what they have verified.'
    if (timeoutMs !== undefined && nowMs - this.#startedMs >= timeoutMs) {
      throw new DistroError('INCOMPLETE', `The time of ${timeoutMs / 1_000} s is over: ${copies}.`, { hint })
    }
    if (stallTimeoutMs !== undefined && nowMs - this.#movedMs >= stallTimeoutMs) {
      throw new DistroError('STALLED', `Nothing was asked of the seed for ${stallTimeoutMs / 1_000} s: ${copies}.`, { hint })
    }
  }
}
