/** A pending call; cancelling it twice, or after it ran, does nothing. */
export interface Timer {
  cancel(): void
}

/** Time as the engine sees it, so that the same code runs on real and on simulated time. */
export interface Clock {
  /** Milliseconds since an arbitrary start; never goes back. */
  nowMs(): number
  /** Calls `run` once, `delayMs` from now. */
  after(delayMs: number, run: () => void): Timer
  /** Calls `run` every `periodMs` until cancelled. */
  every(periodMs: number, run: () => void): Timer
  /** Calls `run` as soon as the present call has ended, before time passes: once for all that one read brings. */
  soon(run: () => void): void
}
