import { fromUtf8 } from '../base/bytes.ts'
import { asDictionary, asInteger, asText, type Bencode } from './bencode.ts'
import type { FileEntry } from './file-list.ts'
import { invalidTorrent, type TorrentFields } from './torrent-fields.ts'

/**
 * Checks that both halves of a hybrid torrent describe the same files: same paths and lengths in the same order, and each file
 * with content at the start of a piece (BEP 52). Throws TORRENT_INVALID where they contradict each other.
 */
export function checkHybridTree(info: TorrentFields, entries: readonly FileEntry[], pieceLengthBytes: number): void {
  // Each file of the list takes this much of the tree at most: its folders, itself, its properties.
  const mostTokens = entries.reduce((sum, { path }) => sum + path.length + MOST_PROPERTIES, 1)
  const tree = info.get('file tree')?.build(mostTokens)
  if (tree === undefined) throw invalidTorrent('info.file tree holds more than the v1 file list')
  const leaves = leavesOf(tree)
  const count = Math.max(leaves.length, entries.length)
  for (let index = 0; index < count; index++) {
    const leaf = leaves[index]
    const entry = entries[index]
    if (leaf === undefined || entry === undefined || leaf.lengthBytes !== entry.lengthBytes || !samePath(leaf.path, entry.path)) {
      throw invalidTorrent(`info.file tree and the v1 file list differ at file ${index}`)
    }
    if (entry.lengthBytes > 0 && entry.offsetBytes % pieceLengthBytes !== 0) {
      throw invalidTorrent(`file ${index} of a hybrid torrent does not start at the start of a piece`)
    }
  }
}

const MOST_PROPERTIES = 20

interface Leaf {
  readonly path: readonly string[]
  readonly lengthBytes: number
}

/** The files of a v2 file tree in its own order. Depth is bounded by the bencode decoder. */
function leavesOf(tree: Bencode | undefined, path: readonly string[] = []): Leaf[] {
  const folder = asDictionary(tree)
  if (folder === undefined || folder.size === 0) throw invalidTorrent(`info.file tree has no folder at depth ${path.length}`)
  const leaves: Leaf[] = []
  for (const [key, value] of folder) {
    const name = fromUtf8(Buffer.from(key, 'latin1'))
    if (name === undefined) throw invalidTorrent(`info.file tree has a name that is not UTF-8 at depth ${path.length}`)
    if (name !== '') {
      for (const leaf of leavesOf(value, [...path, name])) leaves.push(leaf)
      continue
    }
    const properties = asDictionary(value)
    const isLink = asText(properties?.get('attr'))?.includes('l') ?? false
    const lengthBytes = isLink ? 0 : asInteger(properties?.get('length'))
    if (lengthBytes === undefined || folder.size !== 1 || path.length === 0) {
      throw invalidTorrent(`info.file tree has a malformed file at depth ${path.length}`)
    }
    leaves.push({ path, lengthBytes })
  }
  return leaves
}

function samePath(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((element, index) => element === right[index])
}
