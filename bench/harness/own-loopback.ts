import { readFileSync } from 'node:fs'
import { DistroError } from '../../src/base/errors.ts'
import { within } from './deadline.ts'
import { MeasuredProcess, tail } from './measured-process.ts'
import type { Place } from './place.ts'

const READY_SECONDS = 10

/** Lives as long as the network does, and says when it is up. */
const HOLDER = 'ip link set lo up && echo up && exec sleep infinity'

/** A network that consists of one loopback interface, so that every byte on it was put there by those who were started in it. */
export interface OwnLoopback {
  /** Words that run a command there. */
  readonly enter: readonly string[]
  /** Bytes that went over it so far, in both directions, headers included. */
  bytes(): number
  /** Takes it down. */
  remove(): Promise<void>
}

/**
 * Makes the network; it needs root, or a kernel that lets everybody have user namespaces, and it goes away with this process at the latest.
 *
 * @throws DistroError `NETWORK_FAILED` where the kernel refuses.
 */
export async function openLoopback(place: Place, logPath: string): Promise<OwnLoopback> {
  const isRoot = process.getuid?.() === 0
  const words = ['unshare', ...(isRoot ? [] : ['--map-root-user']), '--net', 'sh', '-c', HOLDER]
  const holder = new MeasuredProcess(place, { words }, { logPath })
  const { pid } = await holder.started
  const failed = holder.ended.then((usage) => {
    throw new DistroError('NETWORK_FAILED', `there is no network namespace: unshare ended with code ${usage.exitCode}`, {
      hint: tail(logPath),
    })
  })
  await within(READY_SECONDS, 'a network namespace', Promise.race([holder.line('up'), failed]))
  const user = isRoot ? [] : ['--user', '--preserve-credentials']
  return {
    enter: ['nsenter', '--target', String(pid), ...user, '--net'],
    bytes: () => receivedBytes(readFileSync(`/proc/${pid}/net/dev`, 'latin1')),
    remove: () => holder.kill().then(() => undefined),
  }
}

/** What arrived at `lo` is what was sent there. */
function receivedBytes(table: string): number {
  return Number(/^\s*lo:\s*(\d+)/m.exec(table)?.[1])
}
