import { readFile, readlink } from 'node:fs/promises'
import { hostname } from 'node:os'
import { kill, pid as ownPid } from 'node:process'

/** What tells one process from all others, also from a later one with the same number. */
export interface ProcessIdentity {
  readonly pid: number
  /** When the process started, in clock ticks since the machine did; empty where the system does not say. */
  readonly startedAt: string
  /** The machine and its current boot, and the process namespace: numbers mean nothing outside it. */
  readonly scope: string
}

/** The identity of this process. */
export async function ownIdentity(): Promise<ProcessIdentity> {
  return { pid: ownPid, startedAt: (await startTimeOf(ownPid)) ?? '', scope: await ownScope() }
}

/** Whether the process that `identity` names still runs; 'unknown' when it belongs to another machine or container. */
export async function findProcess(identity: ProcessIdentity): Promise<'runs' | 'ended' | 'unknown'> {
  if (identity.scope !== (await ownScope())) return 'unknown'
  if (!exists(identity.pid)) return 'ended'
  const startedAt = await startTimeOf(identity.pid)
  return startedAt === undefined || identity.startedAt === '' || startedAt === identity.startedAt ? 'runs' : 'ended'
}

async function ownScope(): Promise<string> {
  const bootId = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '')
  const namespace = await readlink('/proc/self/ns/pid').catch(() => '')
  return `${hostname()} ${bootId.trim()} ${namespace}`
}

function exists(pid: number): boolean {
  try {
    kill(pid, 0)
    return true
  } catch (error) {
    // EPERM: it runs and is somebody else's.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}

/** Field 22 of /proc/<pid>/stat; the name in field 2 may hold spaces and brackets, so the count starts behind its last bracket. */
async function startTimeOf(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
}
