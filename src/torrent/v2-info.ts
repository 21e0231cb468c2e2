import type { TreeEntry } from './file-tree.ts'
import type { TorrentInfo, TorrentSymlink, V2File, V2Info } from './info.ts'

/** What is known of a torrent beside its file tree. */
export type V2Surroundings = Pick<V2Info, 'name' | 'pieceLengthBytes' | 'isPrivate' | 'isSingleFile'>

/** Puts the files of a tree into pieces: each file with content starts a new one (BEP 52). */
export function layOutTree(tree: readonly TreeEntry[], around: V2Surroundings): V2Info {
  const { pieceLengthBytes } = around
  const files: V2File[] = []
  const symlinks: TorrentSymlink[] = []
  let pieceCount = 0
  let totalBytes = 0
  for (const { path, lengthBytes, piecesRoot, target, isExecutable } of tree) {
    if (target !== undefined) {
      symlinks.push({ path, target })
      continue
    }
    files.push({ path, lengthBytes, offsetBytes: pieceCount * pieceLengthBytes, piecesRoot, ...(isExecutable ? { isExecutable } : {}) })
    pieceCount += Math.ceil(lengthBytes / pieceLengthBytes)
    totalBytes += lengthBytes
  }
  return { ...around, files, symlinks, pieceCount, totalBytes }
}

/** A torrent of v2 only in the shape of all formats. */
export function infoOfTree(v2: V2Info, emptyDirectories: readonly (readonly string[])[]): TorrentInfo {
  const { name, pieceLengthBytes, symlinks, totalBytes, isSingleFile, isPrivate } = v2
  const files = v2.files.map(({ piecesRoot: _, ...file }) => ({ ...file, kind: 'file' as const }))
  return {
    name,
    pieceLengthBytes,
    pieceHashes: undefined,
    files,
    isSingleFile,
    totalBytes,
    isPrivate,
    isAligned: true,
    ...(symlinks.length > 0 ? { symlinks } : {}),
    ...(emptyDirectories.length > 0 ? { emptyDirectories } : {}),
  }
}
