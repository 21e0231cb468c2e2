import { constants } from 'node:os'

const removals = new Set<() => void>()
let armed = false

/** Registers what must be undone even when the benchmark is interrupted; the returned function undoes it now. */
export function undoAtExit(undo: () => void): () => void {
  arm()
  const once = (): void => {
    if (removals.delete(once)) undo()
  }
  removals.add(once)
  return once
}

function arm(): void {
  if (armed) return
  armed = true
  process.on('exit', () => {
    for (const remove of [...removals].reverse()) remove()
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => process.exit(128 + constants.signals[signal]))
  }
}
