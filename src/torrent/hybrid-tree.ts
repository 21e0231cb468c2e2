import type { FileList } from './file-list.ts'
import type { TreeEntry } from './file-tree.ts'
import type { V2Info } from './info.ts'
import { invalidTorrent } from './torrent-fields.ts'

/**
 * Checks that both halves of a hybrid torrent describe the same files: same paths, lengths and links in the same order, and each file
 * with content in the same pieces (BEP 52). Throws TORRENT_INVALID where they contradict each other.
 */
export function checkHybridTree(tree: readonly TreeEntry[], { entries, symlinks }: FileList, v2: V2Info): void {
  const targets = new Map(symlinks.map(({ path, target }) => [path, target]))
  const count = Math.max(tree.length, entries.length)
  for (let index = 0; index < count; index++) {
    const leaf = tree[index]
    const entry = entries[index]
    if (leaf === undefined || entry === undefined || leaf.lengthBytes !== entry.lengthBytes || !sameNames(leaf.path, entry.path)) {
      throw invalidTorrent(`info.file tree and the v1 file list differ at file ${index}`)
    }
    if (!sameNames(leaf.target, targets.get(entry.path))) {
      throw invalidTorrent(`info.file tree and the v1 file list differ in where the link at file ${index} points`)
    }
  }
  checkPlaces(entries, v2)
}

/** Paddings of the v1 half must put each file where the tree has it, or one piece number would mean two pieces. */
function checkPlaces(entries: FileList['entries'], { files, pieceLengthBytes }: V2Info): void {
  const withContent = files.filter(({ lengthBytes }) => lengthBytes > 0)
  let place = 0
  for (const [index, { lengthBytes, offsetBytes }] of entries.entries()) {
    if (lengthBytes === 0) continue
    const expectedBytes = withContent[place++]?.offsetBytes
    if (offsetBytes % pieceLengthBytes !== 0) {
      throw invalidTorrent(`file ${index} of a hybrid torrent does not start at the start of a piece`)
    }
    if (offsetBytes !== expectedBytes) {
      throw invalidTorrent(`file ${index} of a hybrid torrent starts at byte ${offsetBytes} in v1, and at byte ${expectedBytes} in v2`)
    }
  }
}

function sameNames(left: readonly string[] | undefined, right: readonly string[] | undefined): boolean {
  if (left === undefined || right === undefined) return left === right
  return left.length === right.length && left.every((element, index) => element === right[index])
}
