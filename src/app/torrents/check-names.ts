import { DistroError } from '../../base/errors.ts'
import type { WalkedTree } from '../../store/tree-walker.ts'
import { isOldPadding } from '../../torrent/file-list.ts'
import { quoteName } from '../../torrent/quote-name.ts'
import { checkPathElement, type PathFault, PathTree } from '../../torrent/safe-path.ts'
import { resolveSymlinks } from '../../torrent/symlink.ts'
import type { TorrentFormat } from '../../torrent/torrent-format.ts'

/**
 * Refuses before the work of hashing what a fetch would refuse after it, in words for whoever publishes. `name` is that of the torrent, and
 * `field` says where it comes from. Throws INPUT_REFUSED.
 */
export function checkNames(tree: WalkedTree, name: string, format: TorrentFormat, field: string): void {
  if (format === 'v2') checkIsFolder(tree, name)
  else refusePaddingNames(tree)
  try {
    checkPathElement(name, field)
    if (tree.isSingleFile) return
    const all = [...tree.files.map(({ path }) => path), ...tree.symlinks.map(({ path }) => path), ...tree.emptyDirectories]
    const paths = new PathTree({}, Buffer.byteLength(name), (index) => quotePath(all[index] ?? []))
    for (const [index, path] of all.entries()) {
      const fault = paths.addOrFault(path, index)
      if (fault !== undefined) throw new DistroError('INPUT_REFUSED', sentenceOf(fault, path))
    }
    checkLinks(tree, all)
  } catch (cause) {
    if (!(cause instanceof DistroError)) throw cause
    throw new DistroError('INPUT_REFUSED', `No host would take this tree. ${cause.message}`, {
      hint: 'Rename it, or leave it out with --exclude or .distroignore.',
      cause,
    })
  }
}

function sentenceOf(fault: PathFault, path: readonly string[]): string {
  if (fault.kind === 'path') return `The path ${quotePath(path)} ${fault.what}.`
  if (fault.kind === 'name') {
    const where = path.length === 1 ? '' : ` in ${quotePath(path)}`
    return `The name ${quoteName(fault.name)}${where} is refused: ${fault.what}.`
  }
  const { own, rival } = fault
  const alike = own.isFolder === rival.isFolder ? `be the same ${own.isFolder ? 'folder' : 'file'}` : 'have the same name'
  return `${quotePath(own.path)} and ${quotePath(rival.path)} would ${alike} on some systems.`
}

function quotePath(path: readonly string[]): string {
  return quoteName(path.join('/'))
}

/** A file of v1 that readers take for padding would be missing on every host. */
function refusePaddingNames({ files, symlinks }: WalkedTree): void {
  const found = [...files, ...symlinks].find(({ path }) => isOldPadding(path))
  if (found === undefined) return
  const message = `Other clients take ${quoteName(found.path.join('/'))} for padding by its name, and would not write it.`
  throw new DistroError('INPUT_REFUSED', message, { hint: 'Rename it, or leave it out with --exclude or .distroignore.' })
}

/** A link to nothing must not be read as one to something else: see `resolveSymlinks`. */
function checkLinks({ symlinks }: WalkedTree, paths: readonly (readonly string[])[]): void {
  const nameOf = (index: number): string => `the link ${quoteName(symlinks[index]?.path.join('/') ?? '')}`
  for (const [index, { target }] of resolveSymlinks(paths, symlinks, (link) => `The target of ${nameOf(link)}`, {}).entries()) {
    if (target === symlinks[index]?.target) continue
    const meant = quoteName(symlinks[index]?.target.join('/') ?? '')
    throw new DistroError(
      'INPUT_REFUSED',
      `Nothing is at ${meant}, and ${nameOf(index)} would come to lead to ${quoteName(target.join('/'))}.`,
    )
  }
}

/** In v2 nothing but its name tells a file from a folder in which there is nothing else. */
function checkIsFolder({ isSingleFile, files, symlinks, emptyDirectories }: WalkedTree, name: string): void {
  const [only, ...others] = files
  if (isSingleFile || others.length + symlinks.length + emptyDirectories.length > 0 || only?.path.join('/') !== name) return
  const message = `The folder holds one file, which is called ${quoteName(name)} as the folder is: in v2 nobody could tell the two apart.`
  throw new DistroError('INPUT_REFUSED', message, { hint: 'Give the folder another name with --name, or name --format hybrid.' })
}
