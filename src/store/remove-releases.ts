import { lstat, readdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../base/clock.ts'
import { diskError } from './disk-error.ts'
import { hiddenName } from './hidden-name.ts'
import type { Release } from './release-history.ts'
import { isBusy, standingReleases } from './release-switch.ts'
import { removeTree } from './remove-tree.ts'
import { syncPath } from './sync-path.ts'
import { TargetLock } from './target-lock.ts'

/** What came of taking old releases away. */
export interface Removal {
  /** Names of releases that are gone from sight. */
  readonly removed: readonly string[]
  /** A sentence for each that stays though its time is over. */
  readonly complaints: readonly string[]
}

/**
 * Of `releases`, oldest first, those that go when `keep` stay: never `current`, never the one before it, and never a folder that distro
 * did not put there.
 */
export function surplusReleases(releases: readonly Release[], current: string, keep: number): Release[] {
  const place = releases.findIndex(({ name }) => name === current)
  const before = releases[place - 1]?.name
  const oldest = releases.slice(0, Math.max(0, releases.length - keep))
  return oldest.filter(({ name, infoHash }) => infoHash !== null && name !== current && name !== before)
}

/**
 * Takes releases out of sight, each with one rename, so that none can be met half removed; `sweepRemoved` deletes them then. A release
 * whose lock is held is being fetched, or seeded by the fetch that brought it, and stays.
 */
export async function setAside(dir: string, releases: readonly Release[], clock: Clock): Promise<Removal> {
  const removed: string[] = []
  const complaints: string[] = []
  for (const { name } of releases) {
    try {
      const lock = await TargetLock.take(releaseLock(dir, name), clock)
      await rename(join(dir, name), removedPath(dir, name)).finally(() => lock.release())
      removed.push(name)
    } catch (error) {
      const reason = isBusy(error) ? 'a process still seeds or fetches it' : diskError(error, 'remove', join(dir, name)).message
      complaints.push(`The old release ${name} stays until a later fetch: ${reason.replace(/\.$/, '')}.`)
    }
  }
  if (removed.length > 0) await syncPath(dir)
  return { removed, complaints }
}

/** Deletes what was set aside in `dir`, by this process or by one that was killed meanwhile; a sentence for each that could not be deleted. */
export async function sweepRemoved(dir: string, clock: Clock): Promise<string[]> {
  const complaints: string[] = []
  for (const name of await readdir(dir)) {
    if (!/^\..+\.distro-removed$/s.test(name)) continue
    // Whoever was killed right after the rename left its lock, which nobody would ask for again.
    await TargetLock.take(join(dir, name.replace(/removed$/, 'lock')), clock)
      .then((lock) => lock.release())
      .catch(() => undefined)
    await removeTree(join(dir, name)).catch((error: unknown) => {
      complaints.push(diskError(error, 'remove', join(dir, name)).message)
    })
  }
  return complaints
}

/** Deletes the part that a release of `dir` gave way to when it got the rest, where a process was killed meanwhile. What cannot be deleted stays. */
export async function sweepDisplaced(dir: string, clock: Clock): Promise<void> {
  for (const { name } of await standingReleases(dir)) {
    const displaced = join(dir, hiddenName(name, 'old'))
    if ((await lstat(displaced).catch(() => undefined)) === undefined) continue
    const lock = await TargetLock.take(releaseLock(dir, name), clock).catch(() => undefined)
    if (lock === undefined) continue
    await removeTree(displaced).catch(() => undefined)
    await lock.release()
  }
}

/** The lock of a release: whoever fetches it, or seeds it after its fetch, holds it. */
export function releaseLock(dir: string, name: string): string {
  return join(dir, hiddenName(name, 'lock'))
}

/** Where a release is out of sight. */
export function removedPath(dir: string, name: string): string {
  return join(dir, hiddenName(name, 'removed'))
}
