import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'

const POLL_MS = 5
const ESTABLISHED = '01'

/**
 * Waits for the first established TCP connection to or from a port of this machine, whoever opened it.
 * Tells the moment on the monotonic clock in seconds, or `undefined` when `signal` aborts first.
 */
export async function firstConnection(port: number, signal: AbortSignal): Promise<number | undefined> {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  while (!signal.aborted) {
    if (isConnected(suffix)) return Number(process.hrtime.bigint()) / 1e9
    await pause(POLL_MS)
  }
  return undefined
}

function isConnected(suffix: string): boolean {
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of readFileSync(table, 'latin1').split('\n').slice(1)) {
      const [, local, remote, state] = line.trim().split(/\s+/)
      if (state === ESTABLISHED && (local?.endsWith(suffix) || remote?.endsWith(suffix))) return true
    }
  }
  return false
}
