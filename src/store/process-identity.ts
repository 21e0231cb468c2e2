import { readFile, readlink } from 'node:fs/promises'
import { hostname } from 'node:os'
import { kill, pid as ownPid } from 'node:process'

/** What tells one process from all others, also from a later one with the same number. */
export interface ProcessIdentity {
  readonly pid: number
  /** When the process started, in clock ticks since the machine did; empty where the system does not say. */
  readonly startedAt: string
  /** The machine's own id; empty where it has none. */
  readonly machine: string
  /** Which start of the machine this is. */
  readonly boot: string
  /** The process namespace, such as a container's: numbers mean nothing outside it. */
  readonly namespace: string
}

/** The identity of this process. */
export async function ownIdentity(): Promise<ProcessIdentity> {
  const [startedAt, machine, boot, namespace] = await Promise.all([
    startTimeOf(ownPid),
    ownMachine(),
    readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => ''),
    readlink('/proc/self/ns/pid').catch(() => ''),
  ])
  return { pid: ownPid, startedAt: startedAt ?? '', machine, boot: boot.trim(), namespace }
}

/** This machine among others: its name, and its own id where it has one. */
export async function ownMachine(): Promise<string> {
  const id = await readFile('/etc/machine-id', 'utf8').catch(() => '')
  return `${hostname()} ${id.trim()}`
}

/**
 * Whether the process that `identity` names still runs; 'unknown' when it belongs to another machine or container, whose
 * processes cannot be seen from here. A machine that was started again has none of its old processes.
 */
export async function findProcess(identity: ProcessIdentity): Promise<'runs' | 'ended' | 'unknown'> {
  const own = await ownIdentity()
  if (identity.machine !== own.machine) return 'unknown'
  if (identity.boot !== own.boot) return 'ended'
  if (identity.namespace !== own.namespace) return 'unknown'
  if (!exists(identity.pid)) return 'ended'
  const startedAt = await startTimeOf(identity.pid)
  return startedAt === undefined || identity.startedAt === '' || startedAt === identity.startedAt ? 'runs' : 'ended'
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
