import { ManualClock } from '../../support/manual-clock.ts'

/** A clock that stands until it is moved, and lets promises settle at every step of the way. */
export class MovingClock extends ManualClock {
  /** Lets `ms` pass, running what is due in order. */
  async move(ms: number): Promise<void> {
    const endMs = this.nowMs() + ms
    do await settle()
    while (this.runNext(endMs))
  }
}

/** Long enough for a chain of resolved promises, without real time. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve()
}
