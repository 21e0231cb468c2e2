import type { Clock, Timer } from './clock.ts'

/** The clock of the machine; its timers keep the process alive, so whoever starts one cancels it. */
export const systemClock: Clock = {
  nowMs: (): number => performance.now(),
  after(delayMs: number, run: () => void): Timer {
    const handle = setTimeout(run, delayMs)
    return { cancel: (): void => clearTimeout(handle) }
  },
  every(periodMs: number, run: () => void): Timer {
    const handle = setInterval(run, periodMs)
    return { cancel: (): void => clearInterval(handle) }
  },
  soon: queueMicrotask,
}
