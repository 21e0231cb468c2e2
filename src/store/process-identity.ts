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
  const [self, machine, boot, namespace] = await Promise.all([
    lookAt(ownPid),
    ownMachine(),
    readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => ''),
    readlink('/proc/self/ns/pid').catch(() => ''),
  ])
  return { pid: ownPid, startedAt: self?.startedAt ?? '', machine, boot: boot.trim(), namespace }
}

/** This machine among others: its name, and its own id where it has one. */
export async function ownMachine(): Promise<string> {
  const id = await readFile('/etc/machine-id', 'utf8').catch(() => '')
  return `${hostname()} ${id.trim()}`
}

/**
 * Whether the process that `identity` names still runs, which one does not that is only left for its parent to notice; 'unknown' when it belongs to another machine or container, whose
 * processes cannot be seen from here. A machine that was started again has none of its old processes.
 */
export async function findProcess(identity: ProcessIdentity): Promise<'runs' | 'ended' | 'unknown'> {
  const own = await ownIdentity()
  if (identity.machine !== own.machine) return 'unknown'
  if (identity.boot !== own.boot) return 'ended'
  if (identity.namespace !== own.namespace) return 'unknown'
  if (!exists(identity.pid)) return 'ended'
  const found = await lookAt(identity.pid)
  if (found === undefined) return 'runs'
  return found.isDead || (identity.startedAt !== '' && found.startedAt !== identity.startedAt) ? 'ended' : 'runs'
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

/**
 * Fields 3 (state), 20 (threads) and 22 (start) of /proc/<pid>/stat, see proc(5); the name in field 2 may hold spaces and brackets, so the
 * count starts behind its last bracket. A process that was killed stays in the table until its parent asks for it, which the first process
 * of many containers never does. While it has more threads than the one it began with, some may still be in the middle of a write.
 */
async function lookAt(pid: number): Promise<{ readonly startedAt: string; readonly isDead: boolean } | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')
  const startedAt = fields?.[19]
  if (startedAt === undefined) return undefined
  return { startedAt, isDead: /^[ZX]$/.test(fields?.[0] ?? '') && Number(fields?.[17]) <= 1 }
}
