import type { Timer } from '../base/clock.ts'
import type { Events } from '../base/events.ts'
import { systemClock } from '../base/system-clock.ts'
import type { SwarmStatus } from '../swarm/swarm-types.ts'
import { bytesBySource } from './bytes-by-source.ts'
import type { HttpTraffic, Phase, ProgressEvent, VerbEvents } from './events.ts'

const PERIOD_MS = 250

/** What a transfer shows of itself. */
export interface ProgressParts {
  readonly events: Events<VerbEvents>
  /** Undefined while something else tells. */
  phase(): Phase | undefined
  status(): SwarmStatus
  /** Bytes that were on this machine before the transfer began. */
  localBytes(): number
  /** For a seed: hosts that hold the tree. */
  copies?(): number
  /** For a seed with a list of hosts: how far they are. */
  expected?(): ProgressEvent['expected']
  /** For a seed that wants copies in each zone: how far that is. */
  inZones?(): ProgressEvent['inZones']
  /** For a seed that hands over: how far that is. */
  handover?(): ProgressEvent['handover']
  /** What went over HTTP, if anything is served there. */
  http?(): HttpTraffic | undefined
}

/** Emits the figures of a transfer four times a second, and once more whenever it is told to. */
export class ProgressTicker {
  readonly #parts: ProgressParts
  readonly #timer: Timer

  constructor(parts: ProgressParts) {
    this.#parts = parts
    this.#timer = systemClock.every(PERIOD_MS, () => this.tell())
  }

  /** Emits the figures of this moment; of a download only once it is known how much of it there is. */
  tell(): void {
    const phase = this.#parts.phase()
    if (phase === undefined) return
    const current = this.#current(phase)
    if (phase !== 'fetch' || current.bytesTotal > 0) this.#parts.events.emit('progress', current)
  }

  stop(): void {
    this.#timer.cancel()
  }

  #current(phase: Phase): ProgressEvent {
    const status = this.#parts.status()
    const { bytesDone, bytesTotal, downBytesPerSecond, upBytesPerSecond, peers, seeds, webSeeds, zones } = status
    const local = this.#parts.localBytes()
    const bytesLeft = bytesTotal - bytesDone
    return {
      phase,
      bytesDone,
      bytesTotal,
      bytesPerSecond: phase === 'fetch' ? downBytesPerSecond : 0,
      downBytesPerSecond,
      upBytesPerSecond,
      peers,
      seeds,
      webSeeds,
      etaSeconds: bytesTotal === 0 || (bytesLeft > 0 && downBytesPerSecond < 1) ? null : bytesLeft / Math.max(1, downBytesPerSecond),
      bySource: bytesBySource(status, local),
      zones,
      copies: this.#parts.copies?.(),
      expected: this.#parts.expected?.(),
      inZones: this.#parts.inZones?.(),
      handover: this.#parts.handover?.(),
      http: this.#parts.http?.(),
    }
  }
}
