import { lstat, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import { systemClock } from '../../base/system-clock.ts'
import { diskError, systemCode } from '../../store/disk-error.ts'
import { inParallel } from '../../store/in-parallel.ts'
import { checkOwner } from '../../store/private-folder.ts'
import { askRun, type Outcome } from './ask-run.ts'
import type { RunSummary } from './control-answer.ts'
import { birthOf, forgetSocket } from './forget-socket.ts'
import { runsFolder } from './runs-folder.ts'
import { isHiddenSocketName, machineTag, parseSocketName } from './socket-name.ts'

const ASKED_AT_ONCE = 8
/** A run that is busy hashing answers within milliseconds; one that is stopped (SIGSTOP) never does. */
const ANSWER_PATIENCE_MS = 3_000
/** A hidden socket lives for milliseconds; one of this age is what a killed process left. */
const LEFTOVER_MS = 3_600_000

/** A run that answers, and the name of its socket. */
export interface RunningRun {
  readonly summary: RunSummary
  readonly socketName: string
}

/** Who runs: those that answered, oldest first, and what is wrong with the others, in a sentence each. */
export interface Running {
  readonly runs: readonly RunningRun[]
  readonly complaints: readonly string[]
}

/**
 * Asks every run below `stateDir` of itself. Sockets of processes that have gone are removed on the way; those of other machines that share
 * the folder are left alone. Rejects with the signal's reason, and where the folder cannot be read or is somebody else's.
 */
export async function running(stateDir: string, signal: AbortSignal, clock: Clock = systemClock): Promise<Running> {
  const folder = runsFolder(stateDir)
  const names = await listFolder(folder)
  const runs: RunningRun[] = []
  const complaints: string[] = []
  const machine = await machineTag()
  await inParallel(names, ASKED_AT_ONCE, async (socketName) => {
    const parsed = parseSocketName(socketName)
    if (isHiddenSocketName(socketName)) await forgetLeftover(join(folder, socketName))
    if (parsed === undefined) return
    const path = join(folder, socketName)
    const born = await birthOf(path)
    const outcome = await askRun(folder, socketName, { ask: 'run' }, { clock, patienceMs: ANSWER_PATIENCE_MS, signal })
    if (outcome.kind === 'dead' && parsed.machine === machine && born !== undefined) await forgetSocket(folder, socketName, born)
    const fault = faultOf(outcome)
    if (fault !== undefined) complaints.push(`The run ${parsed.id} ${fault}`)
    if (outcome.kind !== 'answered') return
    const summary = outcome.answers.find((answer) => answer.kind === 'run')?.run
    if (summary !== undefined) runs.push({ summary: { ...summary, id: parsed.id }, socketName })
  })
  return { runs: runs.sort(byAge), complaints: complaints.sort() }
}

async function listFolder(folder: string): Promise<readonly string[]> {
  try {
    await checkOwner(folder, true)
    return await readdir(folder)
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return []
    throw diskError(error, 'look into', folder)
  }
}

/** What is wrong with a run that is there; undefined for nothing, and for one that is not there any more. */
function faultOf(outcome: Outcome): string | undefined {
  if (outcome.kind === 'silent') return 'does not answer.'
  if (outcome.kind === 'garbled') return `answers what cannot be understood: ${outcome.fault}.`
  return outcome.kind === 'answered' && outcome.last.kind === 'error'
    ? `does not say what it does: ${outcome.last.error.message}`
    : undefined
}

function byAge({ summary: left }: RunningRun, { summary: right }: RunningRun): number {
  return left.startedAt === right.startedAt ? (left.id < right.id ? -1 : 1) : left.startedAt < right.startedAt ? -1 : 1
}

async function forgetLeftover(path: string): Promise<void> {
  const stats = await lstat(path).catch(() => undefined)
  if (stats?.isSocket() === true && Date.now() - stats.mtimeMs > LEFTOVER_MS) await rm(path, { force: true }).catch(() => undefined)
}
