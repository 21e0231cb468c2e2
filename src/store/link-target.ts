import { lstatSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { fromUtf8 } from '../base/bytes.ts'
import { systemCode } from './disk-error.ts'

/** Where a link leads, from the root of its tree; or why it cannot be published, in words that follow its path. */
export type LinkTarget = { readonly path: readonly string[] } | { readonly refusal: string }

/**
 * Where the symbolic link at `path` below `root` leads. It must be relative and stay inside: on its way up it may leave no folder that is
 * itself a link, since a torrent holds the place that is meant (BEP 47) and not the way to it. Whether anything is there does not matter.
 */
export function linkTarget(root: string, path: readonly string[]): LinkTarget {
  let text: string | undefined
  try {
    text = fromUtf8(readlinkSync(join(root, ...path), { encoding: 'buffer' }))
  } catch (error) {
    return { refusal: `cannot be read (${systemCode(error)})` }
  }
  if (text === undefined) return { refusal: 'is a symbolic link whose target is not UTF-8' }
  if (text.startsWith('/')) return { refusal: `is a symbolic link to ${text}, which is absolute` }
  const place = path.slice(0, -1)
  let own = 0
  for (const element of text.split('/')) {
    if (element === '' || element === '.') continue
    if (element !== '..') {
      place.push(element)
      own++
      continue
    }
    if (place.length === 0) return { refusal: `is a symbolic link to ${text}, which leads out of the tree` }
    if (own > 0 && isLink(join(root, ...place))) return { refusal: `is a symbolic link to ${text}, which goes up from another link` }
    place.pop()
    own = Math.max(0, own - 1)
  }
  return place.length === 0 ? { refusal: `is a symbolic link to ${text}, the tree itself` } : { path: place }
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true
}
