import { sep } from 'node:path'
import type { PathRules } from './safe-path.ts'
import { invalidTorrent, type TorrentFields } from './torrent-fields.ts'

/**
 * The key, in what distro alone writes into an info dictionary, by which a publisher says that names are meant as they are. Names that not
 * every system takes come from a mistake or an attack where nobody says so, because other programs change them on the way.
 */
export const NAMES_KEY = 'names'
export const POSIX_NAMES = 'posix'

/** True if `own` says that every name that POSIX allows is meant. Throws TORRENT_INVALID for anything else that it says of names. */
export function readPosixNames(own: TorrentFields | undefined): boolean {
  if (own?.has(NAMES_KEY) !== true) return false
  if (Buffer.from(own.bytes(NAMES_KEY)).toString('latin1') === POSIX_NAMES) return true
  throw invalidTorrent(`${own.nameOf(NAMES_KEY)} is not "${POSIX_NAMES}"`)
}

/** What names a torrent may have that says that of them. Where a backslash leads to other folders, as on Windows, it makes no difference. */
export function pathRules(hasPosixNames: boolean, separator: string = sep): PathRules {
  return { takesPosixNames: hasPosixNames && separator === '/' }
}
