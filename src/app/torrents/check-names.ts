import { DistroError } from '../../base/errors.ts'
import { firstOf } from '../../base/first-of.ts'
import type { WalkedTree } from '../../store/tree-walker.ts'
import { isOldPadding } from '../../torrent/file-list.ts'
import { quoteName } from '../../torrent/quote-name.ts'
import { checkPathElement, nameDoubt, type PathFault, type PathRules, PathTree } from '../../torrent/safe-path.ts'
import { resolveSymlinks } from '../../torrent/symlink.ts'
import type { TorrentFormat } from '../../torrent/torrent-format.ts'

/** Names that are told one by one; the rest is counted. */
const SHOWN_DOUBTS = 3

/**
 * Refuses before the work of hashing what a fetch would refuse after it, in words for whoever publishes. `name` is that of the torrent, and
 * `isGiven` says that it was given and is not the last part of the path. Returns what is to be said about names that hosts take only if the torrent says that they are meant;
 * undefined if all are plain. Throws INPUT_REFUSED.
 */
export function checkNames(tree: WalkedTree, name: string, format: TorrentFormat, isGiven: boolean): string | undefined {
  checkName(name, isGiven)
  if (format === 'v2') checkIsFolder(tree, name)
  else refusePaddingNames(tree)
  try {
    const paths = tree.isSingleFile
      ? []
      : [...tree.files.map(({ path }) => path), ...tree.symlinks.map(({ path }) => path), ...tree.emptyDirectories]
    const doubts = faultsOf(paths, name, {})
    const [refused] = doubts.length === 0 ? [] : faultsOf(paths, name, POSIX)
    if (refused !== undefined) throw new DistroError('INPUT_REFUSED', `It has ${refused}.`)
    checkLinks(tree, paths)
    return sentenceOf([...doubtOf(name), ...doubts, ...tree.symlinks.flatMap(({ target }) => target.flatMap(doubtOf))])
  } catch (cause) {
    if (!(cause instanceof DistroError)) throw cause
    const hint = (cause.code === 'INPUT_REFUSED' ? cause.hint : undefined) ?? 'Rename it, or leave it out with --exclude or .distroignore.'
    throw new DistroError('INPUT_REFUSED', `No host would take this tree. ${cause.message}`, { hint, cause })
  }
}

function checkName(name: string, isGiven: boolean): void {
  try {
    checkPathElement(name, isGiven ? 'The name given with --name' : 'The name of the content', POSIX)
  } catch (cause) {
    if (!(cause instanceof DistroError)) throw cause
    const hint = isGiven ? 'Give another one with --name, or leave it out.' : 'Rename it, or give it another name with --name.'
    throw new DistroError('INPUT_REFUSED', `No host would take this torrent. ${cause.message}`, { hint, cause })
  }
}

const POSIX: PathRules = { takesPosixNames: true }

/** What is wrong with each path by itself or beside one before it, in words. */
function faultsOf(paths: readonly (readonly string[])[], name: string, rules: PathRules): readonly string[] {
  const tree = new PathTree(rules, Buffer.byteLength(name), (index) => quotePath(paths[index] ?? []))
  return paths.flatMap((path, index) => {
    const fault = tree.addOrFault(path, index)
    return fault === undefined ? [] : [phraseOf(fault, path)]
  })
}

function phraseOf(fault: PathFault, path: readonly string[]): string {
  if (fault.kind === 'path') return `the path ${quotePath(path)}, which ${fault.what}`
  if (fault.kind === 'name') return `${quoteName(fault.name)}${path.length === 1 ? '' : ` in ${quotePath(path)}`} (${fault.what})`
  const { own, rival } = fault
  const alike = own.isFolder === rival.isFolder ? `the same ${own.isFolder ? 'folder' : 'file'}` : 'one name'
  return `${quotePath(own.path)} and ${quotePath(rival.path)} (${alike} on some systems)`
}

function doubtOf(name: string): readonly string[] {
  const doubt = nameDoubt(name)
  return doubt === undefined ? [] : [`${quoteName(name)} (${doubt})`]
}

function sentenceOf(doubts: readonly string[]): string | undefined {
  const told = [...new Set(doubts)]
  if (told.length === 0) return undefined
  const list = firstOf(told, SHOWN_DOUBTS)
  return `Hosts with Linux take this tree as it is, but not every system and program takes all of its names: ${list}.`
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
  for (const [index, { target }] of resolveSymlinks(paths, symlinks, (link) => `The target of ${nameOf(link)}`, POSIX).entries()) {
    if (target === symlinks[index]?.target) continue
    const meant = quoteName(symlinks[index]?.target.join('/') ?? '')
    throw new DistroError(
      'INPUT_REFUSED',
      `Nothing is at ${meant}, and ${nameOf(index)} to it would come to lead to ${quoteName(target.join('/'))}.`,
      { hint: 'Let it lead to what is published, or leave it out with --exclude or .distroignore.' },
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
