import { platform } from 'node:process'
import type { Events } from '../../base/events.ts'
import { systemClock } from '../../base/system-clock.ts'
import { systemRandom } from '../../base/system-random.ts'
import { diskError } from '../../store/disk-error.ts'
import type { VerbEvents } from '../events.ts'
import { within } from '../waiting.ts'
import type { ControlServer } from './control-server.ts'
import type { RunControl } from './run-port.ts'
import { runsFolder } from './runs-folder.ts'

/** A disk that does not answer must not hold up a run. */
const OPENING_PATIENCE_MS = 1_000

/** The control socket of a run as the run sees it: opened beside its work, and never a reason to fail. */
export class ControlDoor implements AsyncDisposable {
  readonly #server: Promise<ControlServer | undefined>

  /** Begins to open it. Where there can be none a warning says why, and the run goes on without. */
  constructor(stateDir: string, run: RunControl, events: Events<VerbEvents>) {
    this.#server = open(stateDir, run).catch((error: unknown) => {
      const { message } = diskError(error, 'listen in', runsFolder(stateDir))
      events.emit('warning', { message: `This run has no control socket, and distro ps does not show it: ${message}` })
      return undefined
    })
  }

  /** Resolves once it is open, or cannot be, or takes too long. */
  async opened(): Promise<void> {
    await within(this.#server, OPENING_PATIENCE_MS)
  }

  /** Hangs up and takes the socket away. */
  async close(): Promise<void> {
    await within(
      this.#server.then((server) => server?.stop()),
      OPENING_PATIENCE_MS,
    )
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

async function open(stateDir: string, run: RunControl): Promise<ControlServer | undefined> {
  // There a socket is a named pipe and no file: nothing would find it in a folder.
  if (platform === 'win32') return undefined
  const { ControlServer } = await import('./control-server.ts')
  return ControlServer.start({ stateDir, run, clock: systemClock, random: systemRandom })
}
