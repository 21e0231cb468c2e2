import type { CompletionTimes } from '../completion-times.ts'
import type { Frame } from './frame.ts'

/** Steps of one curve at most: more than a screen has pixels. */
const MOST_STEPS = 400

/** The path of one run: a step up for each host that finishes, or for each few where there are very many. */
export function curvePath({ overBound, unfinished }: CompletionTimes, frame: Frame): string {
  const hosts = overBound.length + unfinished
  const stride = Math.max(1, Math.ceil(overBound.length / MOST_STEPS))
  let path = `M${place(frame.x(overBound[0] ?? 1))} ${place(frame.y(0))}`
  for (
    let done = Math.min(stride, overBound.length);
    done > 0;
    done = done === overBound.length ? 0 : Math.min(done + stride, overBound.length)
  ) {
    path += `H${place(frame.x(overBound[done - 1] ?? 1))}V${place(frame.y(done / hosts))}`
  }
  return path
}

function place(value: number): string {
  return value.toFixed(1).replace(/\.0$/, '')
}
