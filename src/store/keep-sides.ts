import { constants } from 'node:fs'
import { copyFile, lstat, mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { MiB } from '../base/units.ts'
import type { FetchStoreOptions } from './fetch-options.ts'
import { placedName, placeInName } from './placed-name.ts'
import type { Selection } from './selection.ts'
import { isPieceNumber } from './side-pieces.ts'
import type { StagingPaths } from './staging.ts'

type KeepingOptions = Pick<FetchStoreOptions, 'sidesDir' | 'infoHash'>
type SidePlaces = Pick<StagingPaths, 'sides' | 'target'>

/** Bytes that are kept of all torrents together; those of the torrent that was fetched longest ago go first. */
const MOST_KEPT_BYTES = 256 * MiB

/** The folder in which the side pieces of a torrent are kept once its selected files are in place at `target`; none where none are kept. */
export function keptSides({ sidesDir, infoHash }: KeepingOptions, target: string): readonly string[] {
  if (sidesDir === undefined) return []
  return [join(sidesDir, placedName(infoHash, target))]
}

/**
 * Moves the side pieces of a fetch to where the fetch of the rest finds them, and removes them there once everything is in place.
 * What cannot be kept is not: it would be fetched again.
 */
export async function keepSides(options: KeepingOptions, { sides: from, target }: SidePlaces, selection: Selection): Promise<void> {
  const { sidesDir } = options
  const [kept] = keptSides(options, target)
  if (sidesDir === undefined || kept === undefined) return
  try {
    await rm(kept, { recursive: true, force: true })
    if (selection.boundary.length === 0) return
    await mkdir(kept, { recursive: true, mode: 0o700 })
    let bytes = 0
    for (const piece of selection.boundary) {
      const path = join(from, String(piece))
      bytes += (await lstat(path)).size
      if (bytes > MOST_KEPT_BYTES) break
      await move(path, join(kept, String(piece)))
    }
    await dropOldest(sidesDir)
  } catch {
    // Whatever is there is whole, and whatever is not is fetched.
  }
}

async function move(from: string, to: string): Promise<void> {
  await rename(from, to).catch(() => copyFile(from, to, constants.COPYFILE_FICLONE))
}

async function dropOldest(sidesDir: string): Promise<void> {
  const folders: { readonly path: string; readonly changedMs: number; readonly bytes: number }[] = []
  for (const name of (await readdir(sidesDir)).filter((each) => placeInName(each) !== undefined)) {
    const path = join(sidesDir, name)
    let bytes = 0
    for (const piece of (await readdir(path)).filter(isPieceNumber)) bytes += (await lstat(join(path, piece))).size
    folders.push({ path, changedMs: (await lstat(path)).mtimeMs, bytes })
  }
  folders.sort((left, right) => right.changedMs - left.changedMs)
  let total = 0
  for (const { path, bytes } of folders) {
    total += bytes
    if (total > MOST_KEPT_BYTES) await rm(path, { recursive: true, force: true })
  }
}
