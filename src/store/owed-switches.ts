import { constants } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../base/clock.ts'
import { CURRENT } from './current-link.ts'
import { diskError, systemCode } from './disk-error.ts'
import { hiddenName } from './hidden-name.ts'
import { whileSwitching } from './release-switch.ts'
import { syncPath } from './sync-path.ts'

/** A switch whose command has not ended well yet. */
export interface OwedSwitch {
  /** The name of the release that was switched to. */
  readonly release: string
  /** The one before; null when there was none. */
  readonly previous: string | null
}

/** Two names of 255 bytes in an entry, and two entries; anything longer is not ours. */
const MAX_FILE_BYTES = 8_192

/** What is owed for `release` in `dir`; undefined for nothing, also where the file cannot be understood. Throws DISK_FAILED. */
export async function owedSwitch(dir: string, release: string): Promise<OwedSwitch | undefined> {
  return (await readOwed(dir)).find((owed) => owed.release === release)
}

/**
 * Writes down, before the flip, that the command for `owed` is still to run; it is on the disk then. What is owed for `current` stays
 * beside it, should the process be killed before the flip. Only who holds the lock of the switch may call it. Throws DISK_FULL or DISK_FAILED.
 */
export async function oweSwitch(dir: string, owed: OwedSwitch, current: string | undefined): Promise<void> {
  const others = (await readOwed(dir)).filter(({ release }) => release === current && release !== owed.release)
  await writeOwed(dir, [...others, owed])
}

/** The command for `release` ended well. Throws BUSY, DISK_FULL or DISK_FAILED. */
export async function settleSwitch(dir: string, release: string, clock: Clock): Promise<void> {
  if ((await owedSwitch(dir, release)) === undefined) return
  await whileSwitching(dir, clock, undefined, async () => {
    const left = (await readOwed(dir)).filter((owed) => owed.release !== release)
    await writeOwed(dir, left)
  })
}

async function readOwed(dir: string): Promise<OwedSwitch[]> {
  const path = owedPath(dir)
  try {
    await using handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW)
    if ((await handle.stat()).size > MAX_FILE_BYTES) return []
    return owedIn(await handle.readFile('utf8'))
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return []
    throw diskError(error, 'read', path)
  }
}

async function writeOwed(dir: string, owed: readonly OwedSwitch[]): Promise<void> {
  const path = owedPath(dir)
  const draft = join(dir, hiddenName(CURRENT, 'owed-draft'))
  try {
    await rm(owed.length === 0 ? path : draft, { force: true })
    if (owed.length > 0) {
      await using handle = await open(draft, 'wx', 0o644)
      await handle.writeFile(`${JSON.stringify({ owed })}\n`)
      await handle.sync()
      await rename(draft, path)
    }
  } catch (error) {
    throw diskError(error, 'write', path)
  }
  await syncPath(dir)
}

function owedPath(dir: string): string {
  return join(dir, hiddenName(CURRENT, 'owed'))
}

function owedIn(text: string): OwedSwitch[] {
  try {
    const { owed } = JSON.parse(text) as { readonly owed?: unknown }
    return Array.isArray(owed) ? owed.filter(isOwed) : []
  } catch {
    return []
  }
}

function isOwed(value: unknown): value is OwedSwitch {
  if (typeof value !== 'object' || value === null) return false
  const { release, previous } = value as Readonly<Record<string, unknown>>
  return typeof release === 'string' && (previous === null || typeof previous === 'string')
}
