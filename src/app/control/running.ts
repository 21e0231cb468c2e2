import { link, lstat, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { systemClock } from '../../base/system-clock.ts'
import { systemRandom } from '../../base/system-random.ts'
import { diskError, systemCode } from '../../store/disk-error.ts'
import { inParallel } from '../../store/in-parallel.ts'
import { askRun } from './ask-run.ts'
import type { RunSummary } from './control-answer.ts'
import { checkOwner, runsFolder } from './runs-folder.ts'
import { hiddenSocketName, isHiddenSocketName, machineTag, parseSocketName } from './socket-name.ts'

const ASKED_AT_ONCE = 16
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
export async function running(stateDir: string, signal: AbortSignal): Promise<Running> {
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
    const seen = await birthOf(path)
    const outcome = await askRun(folder, socketName, { ask: 'run' }, { clock: systemClock, patienceMs: ANSWER_PATIENCE_MS, signal })
    if (outcome.kind === 'dead' && parsed.machine === machine && seen !== undefined) await forgetDead(folder, socketName, seen)
    if (outcome.kind === 'silent') complaints.push(`The run ${parsed.id} does not answer.`)
    if (outcome.kind === 'garbled') complaints.push(`The run ${parsed.id} answers what cannot be understood: ${outcome.fault}.`)
    if (outcome.kind !== 'answered') return
    const summary = outcome.answers.find((answer) => answer.kind === 'run')?.run
    if (summary !== undefined) runs.push({ summary: { ...summary, id: parsed.id }, socketName })
    if (outcome.last.kind === 'error') complaints.push(`The run ${parsed.id} does not say what it does: ${outcome.last.error.message}`)
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

function byAge({ summary: left }: RunningRun, { summary: right }: RunningRun): number {
  return left.startedAt === right.startedAt ? (left.id < right.id ? -1 : 1) : left.startedAt < right.startedAt ? -1 : 1
}

/** What tells a socket from a later one of the same name; undefined for what is gone or no socket. */
async function birthOf(path: string): Promise<string | undefined> {
  const stats = await lstat(path).catch(() => undefined)
  return stats?.isSocket() === true ? `${stats.ino} ${stats.mtimeMs}` : undefined
}

/**
 * Removes a socket on which nobody listens. It is moved aside first and looked at again: another may have removed it meanwhile, and a new
 * run have taken its name, which then gets its socket back. Failing to is no harm.
 */
async function forgetDead(folder: string, name: string, seen: string): Promise<void> {
  const [path, aside] = [join(folder, name), join(folder, hiddenSocketName(systemRandom))]
  try {
    await rename(path, aside)
    if ((await birthOf(aside)) !== seen) await link(aside, path)
    await rm(aside, { force: true })
  } catch {
    // Somebody else was faster.
  }
}

async function forgetLeftover(path: string): Promise<void> {
  const stats = await lstat(path).catch(() => undefined)
  if (stats?.isSocket() === true && Date.now() - stats.mtimeMs > LEFTOVER_MS) await rm(path, { force: true }).catch(() => undefined)
}
