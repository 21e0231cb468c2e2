import picomatch from 'picomatch'
import { DistroError } from '../../base/errors.ts'
import type { FileRange } from '../../torrent/file-ranges.ts'
import type { TorrentInfo } from '../../torrent/info.ts'

/**
 * The files of a torrent that are wanted, by number: those that match a glob, or that a magnet's `so=` names (BEP 53).
 * A glob without a slash matches the last element of a path, as in gitignore. Undefined means all of them. Throws USAGE when nothing matches.
 */
export function selectFiles(info: TorrentInfo, globs: readonly string[], ranges: readonly FileRange[]): ReadonlySet<number> | undefined {
  if (globs.length === 0 && ranges.length === 0) return undefined
  const matchers = globs.map((glob) => picomatch(glob, { dot: true, matchBase: !glob.includes('/') }))
  const selected = new Set<number>()
  for (const [index, file] of info.files.entries()) {
    if (file.kind !== 'file') continue
    const path = file.path.join('/')
    const isNamed = globs.length === 0 && ranges.some(({ first, last }) => index >= first && index <= last)
    if (isNamed || matchers.some((matches) => matches(path))) selected.add(index)
  }
  if (selected.size > 0) return selected
  throw new DistroError(
    'USAGE',
    `Nothing in ${info.name} matches ${globs.length > 0 ? globs.join(', ') : 'the selection of the magnet'}.`,
    {
      hint: 'distro info lists the files; quote globs, and mind that they are matched against paths below the torrent name.',
    },
  )
}
