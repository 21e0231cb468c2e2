import { posix } from 'node:path'
import { DistroError } from '../base/errors.ts'
import type { TorrentSymlink } from './info.ts'
import { quoteName } from './quote-name.ts'
import { checkPathElement, type PathRules } from './safe-path.ts'

/**
 * What a symbolic link holds: the shortest way from the folder that it stands in to its target. It goes up through folders of the tree
 * alone, which are no links, and from there only down; so it stays inside, whatever other links stand on the way.
 */
export function symlinkText({ path, target }: TorrentSymlink): string {
  return posix.relative(`/${path.slice(0, -1).join('/')}`, `/${target.join('/')}`) || '.'
}

/**
 * The links of a torrent, each with its target from the root folder. BEP 47 says that a torrent holds it so, but libtorrent writes what the
 * link holds, from the folder that it stands in: where nothing of the torrent is at the one place and something at the other, that is
 * meant. `paths` are those of all files and links, and `fieldOf` says for messages where the target of a link stands. Throws PATH_REFUSED
 * for a target that is unsafe or leads out of the tree.
 */
export function resolveSymlinks<Link extends TorrentSymlink>(
  paths: Iterable<readonly string[]>,
  links: readonly Link[],
  fieldOf: (index: number) => string,
  rules: PathRules,
): Link[] {
  if (links.length === 0) return []
  const places = placesOf(paths)
  const linked = new Set(links.map(({ path }) => path.join('/')))
  const stands = (path: readonly string[]): boolean =>
    places.has(path.join('/')) || path.some((_, end) => linked.has(path.slice(0, end).join('/')))
  return links.map((link, index) => {
    const beside = stands(link.target) ? undefined : insideTree(link)
    const resolved = beside !== undefined && stands(beside) ? { ...link, target: beside } : link
    checkSymlink(resolved, () => fieldOf(index), rules)
    return resolved
  })
}

function placesOf(paths: Iterable<readonly string[]>): ReadonlySet<string> {
  const places = new Set<string>()
  for (const path of paths) {
    for (let end = path.length; end > 0; end--) {
      const place = path.slice(0, end).join('/')
      if (places.has(place)) break
      places.add(place)
    }
  }
  return places
}

/** Where a target leads that is meant from the folder of its link; undefined if that is not a place in the tree. */
function insideTree({ path, target }: TorrentSymlink): string[] | undefined {
  const place = path.slice(0, -1)
  for (const element of target) {
    if (element === '..') {
      if (place.pop() === undefined) return undefined
    } else if (element !== '.') place.push(element)
  }
  return place.length === 0 ? undefined : place
}

/** Throws PATH_REFUSED unless every name of the target may be one element of a path; `field` says where it stands, for the message. */
function checkSymlink(link: TorrentSymlink, field: () => string, rules: PathRules): void {
  for (const [index, element] of link.target.entries()) checkPathElement(element, `${field()}[${index}]`, rules)
  const lengthBytes = Buffer.byteLength(symlinkText(link))
  if (lengthBytes <= LONGEST_TEXT) return
  const what = `${field()} makes the link ${quoteName(link.path.join('/'))} ${lengthBytes} bytes long, more than ${LONGEST_TEXT}`
  throw new DistroError('PATH_REFUSED', `${what}.`, { hint: 'Nothing was written; ask the publisher for a torrent with shorter names.' })
}

/** What Linux takes. */
const LONGEST_TEXT = 4_095
