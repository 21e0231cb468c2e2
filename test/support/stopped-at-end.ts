import { onTestFinished } from 'vitest'
import type { Child } from './child.ts'

/** Hands `child` back; when the test is over it is stopped, and the test fails if it has to be killed. */
export function stoppedAtEnd<Process extends Child>(child: Process): Process {
  onTestFinished(async () => {
    if (!child.isRunning) return
    const { signal } = await child.stop()
    if (signal === 'SIGKILL') throw new Error(`did not stop when asked to\n${child.output}`)
  })
  return child
}
