import { firstOf } from '../../base/first-of.ts'
import type { WalkedTree } from '../../store/tree-walker.ts'
import type { TorrentSymlink } from '../../torrent/info.ts'
import { quoteName } from '../../torrent/quote-name.ts'
import { danglingLinks } from './dangling-links.ts'

/** Things of a kind that a sentence names. */
const NAMED = 3

/** What a person should know of a tree that is to be published, a sentence for each kind. `saysIdle` is for lines of `exclude` that match nothing. */
export function treeWarnings(tree: WalkedTree, saysIdle: boolean): readonly string[] {
  const { leftOut, idleExclusions } = tree
  const dangling = danglingLinks(tree)
  return [
    ...(leftOut.length === 0 ? [] : [`Not published: ${firstOf(leftOut.map(quoteName), NAMED)}, which distro itself writes.`]),
    ...(idleExclusions.length === 0 || !saysIdle
      ? []
      : [`Nothing that would be published matches --exclude ${firstOf(idleExclusions.map(quoteName), NAMED)}.`]),
    ...(dangling.length === 0 ? [] : [danglingSentence(dangling)]),
  ]
}

/** They may be meant so, for what is put beside the tree later. */
function danglingSentence(links: readonly TorrentSymlink[]): string {
  const named = firstOf(
    links.map(({ path, target }) => `${placeOf(path)} (to ${placeOf(target)})`),
    NAMED,
  )
  return `Links that lead to nothing that is published: ${named}. They are published as links, and lead to nothing where the tree is fetched.`
}

function placeOf(path: readonly string[]): string {
  return quoteName(path.join('/'))
}
