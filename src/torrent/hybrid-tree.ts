import type { FileList } from './file-list.ts'
import type { TreeEntry } from './file-tree.ts'
import type { TorrentFile, V2Info } from './info.ts'
import { quoteName } from './quote-name.ts'
import { invalidTorrent } from './torrent-fields.ts'

/**
 * The files of a hybrid torrent, as both of its halves describe them: same paths, lengths and links in the same order, and each file
 * with content in the same pieces (BEP 52). A half that marks no file as executable says nothing about exec bits. Throws TORRENT_INVALID
 * where they contradict each other.
 */
export function filesOfHybrid(
  tree: readonly TreeEntry[],
  { entries, symlinks, files, totalBytes }: FileList,
  v2: V2Info,
): readonly TorrentFile[] {
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
  if (Math.ceil(totalBytes / v2.pieceLengthBytes) !== v2.pieceCount) {
    throw invalidTorrent(`a hybrid torrent has padding for ${v2.pieceLengthBytes} bytes or more behind its last file`)
  }
  return withExecBits(files, tree)
}

function withExecBits(files: readonly TorrentFile[], tree: readonly TreeEntry[]): readonly TorrentFile[] {
  if (!tree.some(({ isExecutable }) => isExecutable)) return files
  const marked = new Set(tree.filter(({ isExecutable }) => isExecutable).map(({ path }) => path.join('/')))
  const isSaidTwice = files.some(({ isExecutable }) => isExecutable)
  return files.map((file) => {
    const path = file.path.join('/')
    if (file.kind === 'padding' || marked.has(path) === (file.isExecutable === true)) return file
    if (isSaidTwice) throw invalidTorrent(`info.file tree and the v1 file list differ in whether ${quoteName(path)} is executable`)
    return { ...file, isExecutable: true }
  })
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
