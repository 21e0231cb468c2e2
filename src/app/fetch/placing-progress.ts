import type { Clock, Timer } from '../../base/clock.ts'
import type { Events } from '../../base/events.ts'
import { BulkProgress } from '../bulk-progress.ts'
import type { VerbEvents } from '../events.ts'

/** What takes no longer is not worth a word. */
const QUIET_MS = 1_000
const PERIOD_MS = 250

/**
 * The progress of bringing content to its place on the disk: what was found on this host at the start, the finished tree at the end. One sync
 * may take minutes in which nothing else happens, so a timer tells of it.
 */
export class PlacingProgress {
  readonly #clock: Clock
  readonly #events: Events<VerbEvents>
  #progress: BulkProgress | undefined
  #timer: Timer | undefined
  #isTold = false
  #bytesDone = 0
  #bytesTotal = 0

  constructor(clock: Clock, events: Events<VerbEvents>) {
    this.#clock = clock
    this.#events = events
  }

  /** True while it is told of: whoever else tells of the fetch is silent. */
  get isTold(): boolean {
    return this.#isTold
  }

  /** `bytesDone` of `bytesTotal` are in their place by now; the first call after `end` begins anew. */
  note(bytesDone: number, bytesTotal: number): void {
    this.#bytesDone = bytesDone
    this.#bytesTotal = bytesTotal
    if (this.#timer !== undefined) return
    const startedMs = this.#clock.nowMs()
    const progress = new BulkProgress('place', this.#clock, this.#events)
    this.#progress = progress
    this.#timer = this.#clock.every(PERIOD_MS, () => {
      if (this.#clock.nowMs() - startedMs < QUIET_MS) return
      this.#isTold = true
      progress.tell(this.#bytesDone, this.#bytesTotal)
    })
  }

  /** Nothing more is placed until `note` is called again. */
  end(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    if (this.#isTold && this.#bytesDone >= this.#bytesTotal) this.#progress?.tell(this.#bytesDone, this.#bytesTotal)
    this.#isTold = false
  }
}
