import { constants } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { DistroError } from '../base/errors.ts'
import { MiB } from '../base/units.ts'
import { CURRENT } from './current-link.ts'
import { diskError, systemCode } from './disk-error.ts'
import { hiddenName } from './hidden-name.ts'
import { syncPath } from './sync-path.ts'

/** What is known of one release in a folder of releases. */
export interface Release {
  /** The name of its folder. */
  readonly name: string
  /** The name in its torrent; the folder's name for one that distro did not put there. */
  readonly title: string
  /** Hexadecimal; null for a folder that distro did not put there and never removes. */
  readonly infoHash: string | null
  /** Bytes of its files; null where distro did not put them there. */
  readonly bytes: number | null
  /** True if it holds only what was selected of its torrent; undefined where it was put there whole. */
  readonly isPart?: true | undefined
}

/** Bytes of a history that is read; each release takes a few hundred. */
const MAX_HISTORY_BYTES = MiB

/** The releases of `dir` in the order in which fetches switched to them, the newest last. Throws DISK_FAILED. */
export async function readHistory(dir: string): Promise<Release[]> {
  const path = historyPath(dir)
  try {
    await using handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW)
    if ((await handle.stat()).size > MAX_HISTORY_BYTES) throw damaged(path)
    const releases = releasesIn(await handle.readFile('utf8'))
    if (releases === undefined) throw damaged(path)
    return releases
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return []
    throw diskError(error, 'read', path)
  }
}

/**
 * True if what is missing from the release `name` of `dir` may be added to it: it was put there in part, or is not known, as when its fetch was
 * killed before the switch. From one that was whole somebody took something away. Throws DISK_FAILED.
 */
export async function mayBeCompleted(dir: string, name: string): Promise<boolean> {
  const known = (await readHistory(dir)).find((release) => release.name === name)
  return known === undefined || known.isPart === true
}

/** Replaces the history of `dir` in one step; it is on the disk then. Throws DISK_FULL or DISK_FAILED. */
export async function writeHistory(dir: string, releases: readonly Release[]): Promise<void> {
  const path = historyPath(dir)
  const draft = draftPath(dir)
  try {
    await dropDraft(dir)
    await using handle = await open(draft, 'wx', 0o644)
    await handle.writeFile(`${JSON.stringify({ releases })}\n`)
    await handle.sync()
    await rename(draft, path)
  } catch (error) {
    throw diskError(error, 'write', path)
  }
  await syncPath(dir)
}

/** Removes a history that a killed process had not finished writing. Only fetches write one, and only one at a time. */
export async function dropDraft(dir: string): Promise<void> {
  await rm(draftPath(dir), { force: true })
}

/** The order after a fetch switched from `from` to `to`: what was current a moment ago is the one before. */
export function afterSwitch(releases: readonly Release[], from: Release | undefined, to: Release): Release[] {
  const others = releases.filter(({ name }) => name !== to.name && name !== from?.name)
  return [...others, ...(from === undefined || from.name === to.name ? [] : [from]), to]
}

function historyPath(dir: string): string {
  return join(dir, hiddenName(CURRENT, 'history'))
}

function draftPath(dir: string): string {
  return join(dir, hiddenName(CURRENT, 'draft'))
}

function releasesIn(text: string): Release[] | undefined {
  try {
    const { releases } = JSON.parse(text) as { readonly releases?: unknown }
    return Array.isArray(releases) && releases.every(isRelease) ? releases : undefined
  } catch {
    return undefined
  }
}

function isRelease(value: unknown): value is Release {
  if (typeof value !== 'object' || value === null) return false
  const { name, title, infoHash, bytes, isPart } = value as Readonly<Record<string, unknown>>
  const isName = typeof name === 'string' && !/[/\0]/.test(name) && !['', '.', '..'].includes(name)
  const isHash = infoHash === null || (typeof infoHash === 'string' && /^[0-9a-f]{40}$/.test(infoHash))
  const isSize = bytes === null || (Number.isSafeInteger(bytes) && (bytes as number) >= 0)
  return isName && isHash && typeof title === 'string' && isSize && (isPart === undefined || isPart === true)
}

function damaged(path: string): DistroError {
  return new DistroError('DISK_FAILED', `${path} is not what distro wrote.`, {
    hint: 'Remove it: the releases stay, and the next fetches begin a new order.',
  })
}
