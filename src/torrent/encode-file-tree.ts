import type { Bencodable } from './bencode.ts'
import { commonFields, type EncodedEntry } from './encode-file-list.ts'

/** A file or link and the root of its merkle tree, 32 bytes; undefined for a link and an empty file. */
export type TreeLeaf = EncodedEntry & { readonly piecesRoot: Uint8Array | undefined }

/** What stands under `file tree` in an info dictionary of v2 (BEP 52). */
export function encodeFileTree(leaves: readonly TreeLeaf[]): ReadonlyMap<string, Bencodable> {
  const root: Folder = new Map()
  for (const leaf of leaves) {
    let folder = root
    for (const name of leaf.path.slice(0, -1)) folder = folderIn(folder, keyOf(name))
    folder.set(keyOf(leaf.path.at(-1) ?? ''), new Map([['', leafFields(leaf)]]))
  }
  return root
}

type Folder = Map<string, Bencodable>

function folderIn(folder: Folder, key: string): Folder {
  const known = folder.get(key)
  if (known !== undefined) return known as Folder
  const made: Folder = new Map()
  folder.set(key, made)
  return made
}

/** Keys are sorted as bytes, each of which is one character here. */
function keyOf(name: string): string {
  return Buffer.from(name).toString('latin1')
}

function leafFields(leaf: TreeLeaf): ReadonlyMap<string, Bencodable> {
  return new Map<string, Bencodable>([
    ...commonFields(leaf),
    ...(leaf.piecesRoot === undefined ? [] : [['pieces root', leaf.piecesRoot] as const]),
  ])
}
