import { lstat, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { TorrentInfo } from '../torrent/info.ts'
import { treeShape, type WantedEntries } from './tree-shape.ts'

/** A link or folder that is not as published; `path` has `/` between its elements, and at its end for a folder. */
export interface EntryFlaw {
  readonly path: string
  readonly state: 'missing' | 'damaged'
  /** For a link: what it should hold. */
  readonly target?: string
}

/** Of what is wanted: the links that are not there or lead elsewhere, and the folders that are something else or, where nothing in them could tell it, missing. */
export async function entryFlaws(info: TorrentInfo, root: string, wanted: WantedEntries): Promise<EntryFlaw[]> {
  if (info.isSingleFile) return []
  const { links, directories } = treeShape(info, wanted)
  const flaws: EntryFlaw[] = []
  for (const [path, target] of links) {
    const state = await stateOf(join(root, path), async (place) => (await readlink(place)) === target)
    if (state !== 'right') flaws.push({ path, state, target })
  }
  const empty = new Set(wanted.emptyDirectories.map((path) => path.join('/')))
  for (const directory of directories) {
    if (directory === '') continue
    const state = await stateOf(join(root, directory), async (place) => (await lstat(place)).isDirectory())
    if (state === 'damaged' || (state === 'missing' && empty.has(directory))) flaws.push({ path: `${directory}/`, state })
  }
  return flaws
}

async function stateOf(path: string, isRight: (path: string) => Promise<boolean>): Promise<'right' | 'missing' | 'damaged'> {
  if ((await lstat(path).catch(() => undefined)) === undefined) return 'missing'
  return (await isRight(path).catch(() => false)) ? 'right' : 'damaged'
}
