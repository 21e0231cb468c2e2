import { join } from 'node:path'
import type { TorrentInfo } from '../torrent/info.ts'
import { pathRules } from '../torrent/posix-names.ts'
import { checkPathElement } from '../torrent/safe-path.ts'

/** Enough that two releases of one name stay apart; whether the content is the right one is never taken from a name. */
const HASH_DIGITS = 12

/** Where one release lies among others. */
export interface ReleasePlace {
  /** The name of its folder. */
  readonly name: string
  /** The directory that a fetch is to write into. */
  readonly outDir: string
  /** What the fetched tree or file is called there. */
  readonly targetName: string
}

/** The folder of the release `name` with the info-hash `infoHash`, in hexadecimal: `app-c12fe1c06bba`. */
export function releaseName(name: string, infoHash: string): string {
  return `${name}-${infoHash.slice(0, HASH_DIGITS)}`
}

/**
 * Where the content of a torrent lands in the folder of releases `dir`: a tree is the folder of its release itself, a single file lies in
 * that folder under its own name. Throws PATH_REFUSED when the name is too long with the info-hash behind it.
 */
export function releasePlace(
  dir: string,
  info: Pick<TorrentInfo, 'name' | 'isSingleFile' | 'hasPosixNames'>,
  infoHash: string,
): ReleasePlace {
  const name = releaseName(info.name, infoHash)
  checkPathElement(name, 'The name of the release', pathRules(info.hasPosixNames === true))
  if (info.isSingleFile) return { name, outDir: join(dir, name), targetName: info.name }
  return { name, outDir: dir, targetName: name }
}
