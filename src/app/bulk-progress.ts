import type { Clock } from '../base/clock.ts'
import type { Events } from '../base/events.ts'
import { RateMeter } from '../base/rate.ts'
import type { Phase, VerbEvents } from './events.ts'

const PERIOD_MS = 250

/** The progress of work on local files: hashing and checking. Tells at the start, four times a second, and at the end. */
export class BulkProgress {
  readonly #phase: Phase
  readonly #clock: Clock
  readonly #events: Events<VerbEvents>
  readonly #meter: RateMeter
  #toldMs = Number.NEGATIVE_INFINITY
  #bytesDone = 0

  constructor(phase: Phase, clock: Clock, events: Events<VerbEvents>) {
    this.#phase = phase
    this.#clock = clock
    this.#events = events
    this.#meter = new RateMeter(clock)
  }

  /** `bytesDone` of `bytesTotal` are done by now. */
  tell(bytesDone: number, bytesTotal: number): void {
    this.#meter.add(bytesDone - this.#bytesDone)
    this.#bytesDone = bytesDone
    const nowMs = this.#clock.nowMs()
    if (nowMs - this.#toldMs < PERIOD_MS && bytesDone < bytesTotal) return
    this.#toldMs = nowMs
    const bytesPerSecond = this.#meter.bytesPerSecond()
    this.#events.emit('progress', {
      phase: this.#phase,
      bytesDone,
      bytesTotal,
      bytesPerSecond,
      downBytesPerSecond: 0,
      upBytesPerSecond: 0,
      peers: 0,
      seeds: 0,
      webSeeds: 0,
      etaSeconds: bytesPerSecond < 1 ? null : (bytesTotal - bytesDone) / bytesPerSecond,
      bySource: { peers: 0, webSeeds: 0, local: bytesDone },
    })
  }
}
