import type { CompletionTimes } from '../completion-times.ts'

/** Where the plot is in the picture, in pixels. */
export interface Box {
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

/** Turns times (in bounds) and shares into places. */
export interface Frame {
  x(overBound: number): number
  y(share: number): number
  readonly ticks: readonly number[]
  /** With which the ticks are written. */
  readonly decimals: number
}

const STEPS = [0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5]
const MOST_TICKS = 10
/** Beside the first and the last host and the bound. */
const MARGIN = 0.03

/** A frame that holds the bound and every completion of `runs`: hosts finish close together, so the time before is left out. */
export function frameFor(runs: readonly CompletionTimes[], { left, right, top, bottom }: Box): Frame {
  const times = runs.flatMap(({ overBound }) => [overBound[0] ?? 1, overBound.at(-1) ?? 1])
  const first = Math.min(1, ...times)
  const last = Math.max(1.1, ...times)
  const margin = MARGIN * (last - first)
  const step = STEPS.find((each) => (last - first) / each <= MOST_TICKS) ?? 10
  const from = first - margin
  const to = last + margin
  const firstTick = Math.ceil(from / step - 1e-9)
  const count = Math.floor(to / step + 1e-9) - firstTick + 1
  return {
    x: (overBound) => left + ((right - left) * (overBound - from)) / (to - from),
    y: (share) => bottom - (bottom - top) * share,
    ticks: Array.from({ length: count }, (_, index) => (firstTick + index) * step),
    decimals: step < 0.1 ? 2 : 1,
  }
}
