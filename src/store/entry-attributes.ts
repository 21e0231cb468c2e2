import { chmod, lstat, lutimes, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import type { TorrentInfo } from '../torrent/info.ts'
import { diskError, systemCode } from './disk-error.ts'
import type { Look } from './look.ts'

/** What of a file, folder or link is carried beyond its bytes; of a mode the bits of setuid, setgid and sticky as well. */
export interface EntryAttributes {
  readonly mode: number
  /** Whole seconds since 1970. */
  readonly mtime: number
}

const NS_PER_SECOND = 1_000_000_000n

/** The attributes of what is at `path`, which is not followed if it is a link. Throws what the file system says. */
export async function attributesAt(path: string): Promise<EntryAttributes> {
  return attributesOf(await lstat(path, { bigint: true }))
}

/** The attributes in the answer of a stat call. */
export function attributesOf({ mode, mtimeNs }: { readonly mode: bigint; readonly mtimeNs: bigint }): EntryAttributes {
  // BigInt division cuts towards zero, and before 1970 a second has begun earlier.
  const seconds = mtimeNs / NS_PER_SECOND - (mtimeNs % NS_PER_SECOND < 0n ? 1n : 0n)
  return { mode: Number(mode) & 0o7777, mtime: Number(seconds) }
}

/** The attributes of what was looked at. */
export function attributesSeen({ mode, stamp }: Pick<Look, 'mode' | 'stamp'>): EntryAttributes {
  return attributesOf({ mode: BigInt(mode), mtimeNs: stamp.mtimeNs })
}

/** The place under which a torrent knows the attributes of file `file`. */
export function placeOf({ files, isSingleFile }: Pick<TorrentInfo, 'files' | 'isSingleFile'>, file: number): string {
  return isSingleFile ? '' : (files[file]?.path.join('/') ?? '')
}

/**
 * What `attributes` differ in from what the torrent says of the entry at `place`, which is no link where it says a mode; undefined if they do
 * not, or if it says nothing.
 */
export function attributeDifference(info: TorrentInfo, place: string, { mode, mtime }: EntryAttributes): string | undefined {
  const [wantedMode, wantedMtime] = [info.modes?.get(place), info.mtimes?.get(place)]
  if (wantedMode !== undefined && wantedMode !== mode) return `its mode is ${octal(mode)} instead of ${octal(wantedMode)}`
  if (wantedMtime === undefined || wantedMtime === mtime) return undefined
  return `it was modified at ${instant(mtime)} instead of ${instant(wantedMtime)}`
}

/** A mode as people write it: `0644`. */
export function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0')
}

/** A time as people write it: `2026-01-02T03:04:05Z`. */
export function instant(seconds: number): string {
  return Math.abs(seconds) > 8_640_000_000_000 ? `${seconds} s` : new Date(seconds * 1_000).toISOString().replace('.000', '')
}

/**
 * Gives what is at `path` the attributes that the torrent says of the entry at `place`: its mode, of which `kept` bits stay set, and then its time. A file
 * system without modes is left as it is. Throws DISK_FULL or DISK_FAILED.
 */
export async function settleAttributes(info: TorrentInfo, place: string, path: string, kept = 0): Promise<void> {
  const [mode, mtime] = [info.modes?.get(place), info.mtimes?.get(place)]
  if (mode === undefined && mtime === undefined) return
  try {
    const now = await attributesAt(path)
    if (mode !== undefined && now.mode !== (mode | kept)) await chmod(path, mode | kept)
    if (mtime !== undefined && now.mtime !== mtime) await utimes(path, mtime, mtime)
  } catch (error) {
    if (!withoutAttributes.has(systemCode(error))) throw diskError(error, 'set the mode and time of', path)
  }
}

/**
 * Settles the links and folders of a finished tree, the innermost folders first, since whatever is done in one changes its time. The owner may
 * go on writing into the root, which cannot be moved otherwise.
 */
export async function settleEntries(
  info: TorrentInfo,
  root: string,
  { links, directories }: { readonly links: ReadonlyMap<string, string>; readonly directories: ReadonlySet<string> },
): Promise<void> {
  if (info.modes === undefined && info.mtimes === undefined) return
  for (const place of links.keys()) {
    const mtime = info.mtimes?.get(place)
    const path = join(root, place)
    if (mtime !== undefined) await lutimes(path, mtime, mtime).catch(unlessWithout(path))
  }
  for (const place of [...directories].reverse()) await settleAttributes(info, place, join(root, place), place === '' ? OWNER_WRITE : 0)
}

function unlessWithout(path: string): (error: unknown) => void {
  return (error) => {
    if (!withoutAttributes.has(systemCode(error))) throw diskError(error, 'set the time of', path)
  }
}

const OWNER_WRITE = 0o200

/** What file systems say that keep no modes, or no times of links. */
const withoutAttributes: ReadonlySet<string> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'])
