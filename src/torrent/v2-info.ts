import type { TreeEntry } from './file-tree.ts'
import type { TorrentSymlink, V2File, V2Info } from './info.ts'

/** What is known of a torrent beside its file tree. */
export type V2Surroundings = Pick<V2Info, 'name' | 'pieceLengthBytes' | 'isPrivate'>

/** Puts the files of a tree into pieces: each file with content starts a new one (BEP 52). */
export function layOutTree(tree: readonly TreeEntry[], around: V2Surroundings): V2Info {
  const { pieceLengthBytes } = around
  const files: V2File[] = []
  const symlinks: TorrentSymlink[] = []
  let pieceCount = 0
  let totalBytes = 0
  for (const { path, lengthBytes, piecesRoot, target } of tree) {
    if (target !== undefined) {
      symlinks.push({ path, target })
      continue
    }
    files.push({ path, lengthBytes, offsetBytes: pieceCount * pieceLengthBytes, piecesRoot })
    pieceCount += Math.ceil(lengthBytes / pieceLengthBytes)
    totalBytes += lengthBytes
  }
  const isSingleFile = tree.length === 1 && tree[0]?.path.length === 1
  return { ...around, files, symlinks, pieceCount, totalBytes, isSingleFile }
}
