import picomatch from 'picomatch'
import { DistroError } from '../../base/errors.ts'
import type { FileRange } from '../../torrent/file-ranges.ts'
import type { TorrentInfo } from '../../torrent/info.ts'

/**
 * The files of a torrent that are wanted, by number: those that match a glob, or that a magnet's `so=` names (BEP 53).
 * A glob without a slash matches the last element of a path, as in gitignore, and one whose last element is a plain name or that ends
 * with a slash takes the folder that it names, with all that is in it. Undefined means all of them. Throws USAGE when nothing matches.
 */
export function selectFiles(info: TorrentInfo, globs: readonly string[], ranges: readonly FileRange[]): ReadonlySet<number> | undefined {
  if (globs.length === 0 && ranges.length === 0) return undefined
  const matchers = globs.map(pathMatcher)
  const selected = new Set<number>()
  for (const [index, file] of info.files.entries()) {
    if (file.kind !== 'file') continue
    const isNamed = globs.length === 0 && ranges.some(({ first, last }) => index >= first && index <= last)
    if (isNamed || matchers.some((matches) => matches(file.path))) selected.add(index)
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

/** A sentence about the globs that match no file, where others do; where none does, `selectFiles` refuses them. */
export function selectWarnings(info: TorrentInfo, globs: readonly string[]): readonly string[] {
  const files = info.files.filter(({ kind }) => kind === 'file')
  const idle = globs.filter((glob) => {
    const matches = pathMatcher(glob)
    return !files.some(({ path }) => matches(path))
  })
  return idle.length === 0 || idle.length === globs.length ? [] : [`Nothing in ${info.name} matches --select ${idle.join(', ')}.`]
}

function pathMatcher(glob: string): (path: readonly string[]) => boolean {
  const isForFolders = /[^/]\/+$/.test(glob)
  const rooted = isForFolders ? glob.replace(/\/+$/, '') : glob
  const pattern = rooted.replace(/^\.?\/(?=.)/, '')
  // A name may hold the end of a line, as any other character.
  const matches = picomatch(pattern, { dot: true, matchBase: !rooted.includes('/'), flags: 's' })
  const mayBeFolder = isForFolders || PLAIN_AT_THE_END.test(pattern)
  return (path) => {
    if (!isForFolders && matches(path.join('/'))) return true
    return mayBeFolder && path.some((_, length) => length > 0 && matches(path.slice(0, length).join('/')))
  }
}

/** A glob such as `*.deb` or `lib/*` asks for files, and not for all that is in folders of such a name. */
const PLAIN_AT_THE_END = /(?:^|\/)[^/*?[\]{}()!+@|\\]+$/
