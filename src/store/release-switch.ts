import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../base/clock.ts'
import { DistroError } from '../base/errors.ts'
import { CURRENT, readCurrent } from './current-link.ts'
import { hiddenName, isHiddenName } from './hidden-name.ts'
import { type Release, readHistory } from './release-history.ts'
import { TargetLock, takeoverRule } from './target-lock.ts'

/** A switch takes some milliseconds; whoever holds its lock longer than this hangs. */
const SWITCH_PATIENCE_MS = 10_000
const LOOK_EVERY_MS = 50
/** What is in none of the newest releases is hardly in older ones. */
const MOST_LIKELY = 3

/** One flip of the link of a folder of releases. */
export interface ReleaseSwitch {
  /** The folder of releases; absolute, without links. */
  readonly dir: string
  readonly release: Release
  /** The name of the release that was current before; null when there was none. */
  readonly previous: string | null
  /** True when the link was flipped earlier, and only what is to follow a flip is still owed. */
  readonly isOwed?: boolean
}

/**
 * Runs `work` while nobody else switches releases in `dir`. Fetches and rollbacks hold this lock only for the flip itself, so that a
 * rollback never waits for a download. Throws BUSY after 10 s, and the reason of `signal`.
 */
export async function whileSwitching<Result>(
  dir: string,
  clock: Clock,
  signal: AbortSignal | undefined,
  work: () => Promise<Result>,
): Promise<Result> {
  const lock = await takeLock(join(dir, hiddenName(CURRENT, 'lock')), clock, signal)
  try {
    return await work()
  } finally {
    await lock.release()
  }
}

/** The history of `dir` without the releases that are gone, or not there again yet. */
export async function standingReleases(dir: string): Promise<Release[]> {
  const releases: Release[] = []
  for (const release of await readHistory(dir)) if (await isStanding(dir, release)) releases.push(release)
  return releases
}

/** The folders of the releases of `dir` that are most likely to hold what another one needs, the best first; absolute. */
export async function likelyReleases(dir: string): Promise<string[]> {
  const current = await readCurrent(dir)
  const newestFirst = (await standingReleases(dir)).map(({ name }) => name).reverse()
  const names = current === undefined ? newestFirst : [current, ...newestFirst.filter((name) => name !== current)]
  return names.slice(0, MOST_LIKELY).map((name) => join(dir, name))
}

/**
 * A tree appears whole. The folder around a single file is there from the start of its fetch, with nothing but working files in it until the
 * end, and one that was removed may be fetched again.
 */
async function isStanding(dir: string, { name, infoHash }: Release): Promise<boolean> {
  const path = join(dir, name)
  if (!(await isFolder(path))) return false
  if (infoHash === null) return true
  const entries = await readdir(path).catch(() => undefined)
  return entries?.every(isHiddenName) !== true
}

/** True for a directory that is no link. */
export async function isFolder(path: string): Promise<boolean> {
  const stats = await lstat(path).catch(() => undefined)
  return stats?.isDirectory() === true
}

async function takeLock(path: string, clock: Clock, signal: AbortSignal | undefined): Promise<TargetLock> {
  const deadlineMs = clock.nowMs() + SWITCH_PATIENCE_MS
  for (;;) {
    signal?.throwIfAborted()
    try {
      return await TargetLock.take(path, clock)
    } catch (error) {
      if (!isBusy(error)) throw error
      if (clock.nowMs() >= deadlineMs) {
        throw new DistroError('BUSY', `Another process has been switching releases for ${SWITCH_PATIENCE_MS / 1_000} s (${path}).`, {
          hint: `Run the same command again when it has ended; ${takeoverRule}.`,
          cause: error,
        })
      }
    }
    await new Promise<void>((resolve) => void clock.after(LOOK_EVERY_MS, resolve))
  }
}

/** True for the error of a lock that somebody holds. */
export function isBusy(error: unknown): error is DistroError {
  return error instanceof DistroError && error.code === 'BUSY'
}
