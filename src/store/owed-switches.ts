import { readdir, readlink, rm, symlink } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Clock } from '../base/clock.ts'
import { diskError, systemCode } from './disk-error.ts'
import { hiddenName, isHiddenName } from './hidden-name.ts'
import { whileSwitching } from './release-switch.ts'
import { syncPath } from './sync-path.ts'

/**
 * A switch whose command has not ended well yet. It is remembered as a link, called after the release, with the name of the one before for
 * its text: where `current` can be flipped, which a full disk must not prevent, such a link can be made too.
 */
export interface OwedSwitch {
  /** The name of the release that was switched to. */
  readonly release: string
  /** The one before; null when there was none. */
  readonly previous: string | null
}

/** The text of a link cannot be empty, and no release can be called so. */
const NONE = '.'
const SUFFIX = 'owed'

/** What is owed for `release` in `dir`; undefined for nothing, also where what stands there is not ours. Throws DISK_FAILED. */
export async function owedSwitch(dir: string, release: string): Promise<OwedSwitch | undefined> {
  const path = owedPath(dir, release)
  try {
    const previous = await readlink(path)
    if (previous === NONE) return { release, previous: null }
    return basename(previous) === previous ? { release, previous } : undefined
  } catch (error) {
    if (notOurs.has(systemCode(error))) return undefined
    throw diskError(error, 'read', path)
  }
}

/** Nothing is there, or something that is no link. */
const notOurs: ReadonlySet<string> = new Set(['ENOENT', 'EINVAL'])

/**
 * Writes down, before the flip, that the command for `owed` is still to run; it is on the disk then. What is owed for `current` stays
 * beside it, should the process be killed before the flip. Only who holds the lock of the switch may call it. Throws DISK_FULL or DISK_FAILED.
 */
export async function oweSwitch(dir: string, owed: OwedSwitch, current: string | undefined): Promise<void> {
  const path = owedPath(dir, owed.release)
  try {
    await rm(path, { force: true })
    await symlink(owed.previous ?? NONE, path)
    const kept = [owed.release, ...(current === undefined ? [] : [current])].map((release) => owedPath(dir, release))
    for (const name of (await readdir(dir)).filter(isOwedName)) {
      const other = join(dir, name)
      if (!kept.includes(other)) await rm(other, { force: true })
    }
  } catch (error) {
    throw diskError(error, 'write', path)
  }
  await syncPath(dir)
}

/** The command for `release` ended well. Throws BUSY, DISK_FULL or DISK_FAILED. */
export async function settleSwitch(dir: string, release: string, clock: Clock): Promise<void> {
  if ((await owedSwitch(dir, release)) === undefined) return
  await whileSwitching(dir, clock, undefined, async () => {
    const path = owedPath(dir, release)
    await rm(path, { force: true }).catch((error: unknown) => Promise.reject(diskError(error, 'remove', path)))
    await syncPath(dir)
  })
}

function owedPath(dir: string, release: string): string {
  return join(dir, hiddenName(release, SUFFIX))
}

function isOwedName(name: string): boolean {
  return isHiddenName(name) && name.endsWith(`-${SUFFIX}`)
}
