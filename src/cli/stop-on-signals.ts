import type { Timer } from '../base/clock.ts'
import { DistroError } from '../base/errors.ts'
import { exitCodes } from './exit-codes.ts'
import type { StopSignal, World } from './world.ts'

/** How long a verb may take to stop cleanly. */
const STOP_WITHIN_MS = 5_000

/** A verb's link to the signals of the process. */
export interface Stopping {
  /** Aborted by the first signal; its reason is INTERRUPTED or TERMINATED. */
  readonly signal: AbortSignal
  /** Resolves with an exit code when waiting is over: on the second signal, or 5 s after the first. */
  readonly lostPatience: Promise<number>
  /** Lets go of the signals. */
  dispose(): void
}

/** Turns SIGINT, SIGTERM and SIGHUP into an abort that is announced with `say`; `hint` says what may be done about it. */
export function stopOnSignals(world: World, hint: string | undefined, say: (sentence: string) => void): Stopping {
  const controller = new AbortController()
  let deadline: Timer | undefined
  let dispose = (): void => undefined
  const lostPatience = new Promise<number>((resolve) => {
    const unlisten = world.onSignal((name) => {
      const reason = reasonFor(name, hint)
      const { exitCode } = exitCodes[reason.code]
      if (controller.signal.aborted) {
        resolve(exitCode)
        return
      }
      say(`Stopping (${name}); a second signal leaves at once.`)
      deadline = world.clock.after(STOP_WITHIN_MS, () => resolve(exitCode))
      controller.abort(reason)
    })
    dispose = () => {
      unlisten()
      deadline?.cancel()
    }
  })
  return { signal: controller.signal, lostPatience, dispose: () => dispose() }
}

function reasonFor(name: StopSignal, hint: string | undefined): DistroError {
  const detail = hint === undefined ? {} : { hint }
  if (name === 'SIGINT') return new DistroError('INTERRUPTED', 'Stopped by SIGINT.', detail)
  const why = name === 'SIGHUP' ? 'Stopped because the terminal went away (SIGHUP).' : 'Stopped by SIGTERM.'
  return new DistroError('TERMINATED', why, detail)
}
