import { DistroError } from '../../base/errors.ts'
import { firstOf } from '../../base/first-of.ts'
import { type EntryAttributes, instant } from '../../store/entry-attributes.ts'
import { LEAST_FILE_MODE, LEAST_FOLDER_MODE, PERMISSION_BITS } from '../../torrent/entry-modes.ts'
import { LAST_MTIME } from '../../torrent/entry-mtimes.ts'
import type { TorrentInfo } from '../../torrent/info.ts'
import { quoteName } from '../../torrent/quote-name.ts'
import { filePlaces, folderPlaces, linkPlaces, type TreePlaces } from '../../torrent/tree-places.ts'

/** What is to be carried beyond exec bits. */
export interface CarriedKinds {
  readonly modes: boolean
  readonly mtimes: boolean
}

const NAMED = 3

/**
 * The modes and times of a tree, as its torrent is to say them; `attributes` are what its entries have. Bits of setuid, setgid and sticky are left
 * out, and the owner may read everything: `warn` is told of where that differs. Throws INPUT_REFUSED for a time that no torrent holds.
 */
export function carriedAttributes(
  tree: TreePlaces,
  attributes: ReadonlyMap<string, EntryAttributes>,
  { modes, mtimes }: CarriedKinds,
  warn: (message: string) => void,
): Pick<TorrentInfo, 'modes' | 'mtimes'> {
  return { ...(modes ? { modes: modesOf(tree, attributes, warn) } : {}), ...(mtimes ? { mtimes: mtimesOf(tree, attributes) } : {}) }
}

function modesOf(
  tree: TreePlaces,
  attributes: ReadonlyMap<string, EntryAttributes>,
  warn: (message: string) => void,
): ReadonlyMap<string, number> {
  const modes = new Map<string, number>()
  const special: string[] = []
  const closed: string[] = []
  const take = (place: string, least: number): void => {
    const { mode = least } = attributes.get(place) ?? {}
    if ((mode & ~PERMISSION_BITS) !== 0) special.push(place)
    if ((mode & least) !== least) closed.push(place)
    modes.set(place, (mode & PERMISSION_BITS) | least)
  }
  for (const place of filePlaces(tree)) take(place, LEAST_FILE_MODE)
  for (const place of folderPlaces(tree)) take(place, LEAST_FOLDER_MODE)
  if (special.length > 0) warn(`No torrent carries setuid, setgid or sticky bits: they are left out of ${namesOf(special)}.`)
  if (closed.length > 0) warn(`Whoever fetches it may read all of it: their owners may not read ${namesOf(closed)} here.`)
  return modes
}

function mtimesOf(tree: TreePlaces, attributes: ReadonlyMap<string, EntryAttributes>): ReadonlyMap<string, number> {
  const mtimes = new Map<string, number>()
  const refused: string[] = []
  for (const place of [...filePlaces(tree), ...folderPlaces(tree), ...linkPlaces(tree)]) {
    const { mtime = 0 } = attributes.get(place) ?? {}
    if (mtime < 0 || mtime > LAST_MTIME) refused.push(place)
    mtimes.set(place, mtime)
  }
  if (refused.length === 0) return mtimes
  const range = `${instant(0)} to ${instant(LAST_MTIME)}`
  throw new DistroError(
    'INPUT_REFUSED',
    `Cannot publish the modification times of ${namesOf(refused)}: a torrent holds those from ${range}.`,
    {
      hint: 'Set them with touch, or leave out --mtimes.',
    },
  )
}

function namesOf(places: readonly string[]): string {
  return firstOf(
    places.map((place) => (place === '' ? 'the tree itself' : quoteName(place))),
    NAMED,
  )
}
