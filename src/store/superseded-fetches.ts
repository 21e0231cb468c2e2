import { lstat, readdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../base/clock.ts'
import { diskError } from './disk-error.ts'
import { isHiddenName } from './hidden-name.ts'
import { isBusy } from './release-switch.ts'
import { type Removal, releaseLock, removedPath } from './remove-releases.ts'
import { TargetLock } from './target-lock.ts'

/** What a fetch of a release left that did not end. */
interface Unfinished {
  readonly release: string
  /** The folder that goes. */
  readonly path: string
  /** The folder that holds what was verified: that one, or one in it. */
  readonly staging: string
}

/**
 * Takes what unfinished fetches left in `dir` out of sight, as `setAside` does with releases, where nobody has worked on it since the oldest
 * of the releases `kept` was put in place. What is being fetched stays.
 */
export async function setAsideSuperseded(dir: string, kept: readonly string[], clock: Clock): Promise<Removal> {
  const sinceMs = Math.min(...(await Promise.all(kept.map((name) => changedMs(join(dir, name)).catch(() => 0)))))
  const removed: string[] = []
  const complaints: string[] = []
  for (const { release, path, staging } of await unfinishedIn(dir)) {
    try {
      if ((await changedMs(staging)) >= sinceMs) continue
      const lock = await TargetLock.take(releaseLock(dir, release), clock)
      await rename(path, removedPath(dir, release)).finally(() => lock.release())
      removed.push(path)
    } catch (error) {
      if (!isBusy(error)) complaints.push(diskError(error, 'remove', path).message)
    }
  }
  return { removed, complaints }
}

async function unfinishedIn(dir: string): Promise<Unfinished[]> {
  const unfinished: Unfinished[] = []
  for (const entry of await readdir(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name)
    if (!entry.isDirectory()) continue
    const release = releaseOfStaging(entry.name)
    if (release !== undefined) unfinished.push({ release, path, staging: path })
    // The folder of a single file is there from the start of its fetch.
    const inside = isHiddenName(entry.name) ? [] : await readdir(path).catch(() => [])
    const staging = inside.every(isHiddenName) ? inside.find((name) => isStagingOf(entry.name, name)) : undefined
    if (staging !== undefined) unfinished.push({ release: entry.name, path, staging: join(path, staging) })
  }
  return unfinished
}

/** Of a tree; what a fetch without `--releases` left beside it is none, and stays. */
function releaseOfStaging(name: string): string | undefined {
  const release = /^\.(.+)\.distro-[0-9a-f]{16}$/s.exec(name)?.[1]
  return release !== undefined && isStagingOf(release, name) ? release : undefined
}

/** Both end with the start of the info-hash; see `releaseName` and `stagingPaths`. */
function isStagingOf(release: string, name: string): boolean {
  const start = /-([0-9a-f]{12})$/.exec(release)?.[1]
  const hash = /^\..+\.distro-([0-9a-f]{16})$/s.exec(name)?.[1]
  return start !== undefined && hash?.startsWith(start) === true
}

/** When something was last made, renamed or removed in a folder, or the folder itself was renamed. */
async function changedMs(path: string): Promise<number> {
  const { mtimeMs, ctimeMs } = await lstat(path)
  return Math.max(mtimeMs, ctimeMs)
}
