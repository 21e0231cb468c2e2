import type { Bencodable } from './bencode.ts'
import { BLOCK_LENGTH_KEY, BLOCK_SUMS_KEY, SUMS_KEY } from './block-sums.ts'
import { EMPTY_DIRECTORIES_KEY } from './empty-directories.ts'
import { encodeModes, MODES_KEY } from './entry-modes.ts'
import { encodeMtimes, MTIMES_KEY } from './entry-mtimes.ts'
import type { TorrentInfo } from './info.ts'
import { NAMES_KEY, POSIX_NAMES } from './posix-names.ts'
import { TorrentFields } from './torrent-fields.ts'
import type { TreePlaces } from './tree-places.ts'

/** The key of the info dictionary under which everything stands that distro writes and no BEP carries; other clients pass over it. */
const OWN_KEY = 'distro'

/** What a torrent says that no BEP carries. */
export type OwnEntries = Partial<Pick<TorrentInfo, 'emptyDirectories' | 'hasPosixNames' | 'blockSums' | 'modes' | 'mtimes'>>

/** The entries as a field of the info dictionary; none if there is nothing to say. */
export function encodeOwnEntries(info: OwnEntries & TreePlaces): readonly (readonly [string, Bencodable])[] {
  const own = new Map<string, Bencodable>()
  const { emptyDirectories = [], hasPosixNames, blockSums, modes, mtimes } = info
  if (emptyDirectories.length > 0) own.set(EMPTY_DIRECTORIES_KEY, emptyDirectories)
  if (hasPosixNames === true) own.set(NAMES_KEY, POSIX_NAMES)
  if (blockSums !== undefined) {
    own.set(
      BLOCK_SUMS_KEY,
      new Map<string, Bencodable>([
        [BLOCK_LENGTH_KEY, blockSums.blockBytes],
        [SUMS_KEY, blockSums.sums],
      ]),
    )
  }
  if (modes !== undefined) own.set(MODES_KEY, encodeModes(info, modes))
  if (mtimes !== undefined) own.set(MTIMES_KEY, encodeMtimes(info, mtimes))
  return own.size === 0 ? [] : [[OWN_KEY, own]]
}

/** The dictionary in which they stand; undefined if there is none. Throws TORRENT_INVALID if it is something else. */
export function ownFields(info: TorrentFields): TorrentFields | undefined {
  return info.has(OWN_KEY) ? new TorrentFields(info.get(OWN_KEY), info.nameOf(OWN_KEY)) : undefined
}
