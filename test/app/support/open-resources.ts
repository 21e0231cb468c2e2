import { readdirSync, readlinkSync } from 'node:fs'
import { until } from '../../support/until.ts'

/** Counts of what this process holds open and would have to let go of: sockets, timers and workers by kind, files by path. */
export type OpenResources = ReadonlyMap<string, number>

export function openResources(): OpenResources {
  const kept = /^(TCP|UDP|Pipe|Timeout|Worker|MessagePort)/
  const counts = new Map<string, number>()
  for (const name of [...process.getActiveResourcesInfo().filter((kind) => kept.test(kind)), ...openFiles()]) {
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return counts
}

/** Resolves once nothing more is open than `before`; the system takes a turn or two to close a socket. Rejects with what was left. */
export async function nothingMoreThan(before: OpenResources): Promise<void> {
  let left: string[] = []
  const isClean = async (): Promise<true | undefined> => {
    // Timers of the test runner come and go; there are moments without any, unless one of ours is left.
    const allowed = (name: string): number => (name === 'Timeout' ? 0 : (before.get(name) ?? 0))
    left = [...openResources()].filter(([name, count]) => count > allowed(name)).map(([name]) => name)
    return left.length === 0 ? true : undefined
  }
  await until('moment at which nothing was left open', isClean).catch(() => {
    throw new Error(`left open: ${left.join(', ')}`)
  })
}

function openFiles(): string[] {
  if (process.platform !== 'linux') return []
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const path = readlinkSync(`/proc/self/fd/${fd}`)
      return path.startsWith('/') && !path.startsWith('/proc/') ? [path] : []
    } catch {
      return []
    }
  })
}
