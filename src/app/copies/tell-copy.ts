import { DistroError } from '../../base/errors.ts'
import { isHostName, MAX_HOST_NAME_CHARACTERS } from '../../base/host-name.ts'
import { systemRandom } from '../../base/system-random.ts'
import type { Swarm } from '../../swarm/swarm.ts'
import { readHostId } from '../network/host-id.ts'
import { untilAborted, within } from '../waiting.ts'

/** A fetch that is done stays for so long at most until those that count copies have heard of its own. */
export const HEARD_PATIENCE_MS = 30_000

/** What this host tells of itself to those that count copies. */
export interface OwnName {
  readonly stateDir: string
  /** See `isHostName`; undefined tells none. */
  readonly hostName: string | undefined
  /** Called with a sentence when this host will not be known again. */
  readonly warn?: (sentence: string) => void
}

/** Throws USAGE for what cannot be the name of a host. */
export function checkHostName(name: string | undefined): void {
  if (name === undefined || isHostName(name)) return
  throw new DistroError('USAGE', 'What was given as the name of this host is none.', {
    hint: `A name is 1 to ${MAX_HOST_NAME_CHARACTERS} characters that can be seen, without a blank at either end.`,
  })
}

/** Tells those that count copies that the tree is in place here. The promise within resolves once they have heard it, as far as they can be reached. */
export async function tellCopy(
  swarm: Pick<Swarm, 'events' | 'tellCopy'>,
  { stateDir, hostName, warn }: OwnName,
): Promise<{ readonly heard: Promise<void> }> {
  const heard = new Promise<void>((resolve) => swarm.events.on('copyHeard', resolve))
  swarm.tellCopy({ hostId: await readHostId(stateDir, systemRandom, warn), hostName })
  return { heard }
}

/** Waits until it was heard, half a minute at most, or until `signal` is aborted. */
export async function untilHeard(heard: Promise<void>, signal: AbortSignal): Promise<void> {
  await within(untilAborted(heard, signal), HEARD_PATIENCE_MS)
}
