import { createHash } from 'node:crypto'
import { concatBytes } from '../../src/base/bytes.ts'
import { type Bencodable, encodeBencode } from '../../src/torrent/bencode.ts'
import { dictionary, type Fields } from './build-torrent.ts'
import { NaiveMerkleTree } from './naive-merkle.ts'

/** A root that no content has to stand behind: of files up to a piece there is no piece layer. */
export function rootOf(seed: number): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, index) => (seed + index) % 255 || 1)
}

/** A file of a v2 file tree. */
export function leaf(length: number, root: Bencodable = rootOf(length), more: Fields = {}): ReadonlyMap<string, Bencodable> {
  return dictionary({ '': dictionary({ length, ...(length === 0 ? {} : { 'pieces root': root }), ...more }) })
}

/** A file of a torrent that `buildTorrent` makes. */
export interface ContentFile {
  readonly path: readonly string[]
  readonly content: Uint8Array
}

/** The bytes of a dictionary key, as bencode spells them here. */
export function keyOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1')
}

/**
 * A whole v2 or hybrid torrent of real content, made as BEP 52 words it and without the code that reads it. Files are put into the order
 * of the tree. `changes` are of the info dictionary.
 */
export function buildTorrent(
  files: readonly ContentFile[],
  pieceLength: number,
  format: 'v2' | 'hybrid',
  changes: Fields = {},
): { readonly bytes: Uint8Array; readonly info: Uint8Array; readonly roots: readonly (Uint8Array | undefined)[] } {
  const sorted = [...files].sort((left, right) => compare(left.path, right.path))
  const trees = sorted.map(({ content }) => (content.length === 0 ? undefined : new NaiveMerkleTree(content)))
  const level = Math.log2(pieceLength / 16_384)
  const layers = new Map<string, Bencodable>()
  for (const [index, { content }] of sorted.entries()) {
    const tree = trees[index]
    if (tree !== undefined && content.length > pieceLength) layers.set(keyOf(tree.root), tree.layer(level))
  }
  const leaves = sorted.map(({ path, content }, index) => ({ path, value: leaf(content.length, trees[index]?.root) }))
  const info = encodeBencode(
    dictionary({
      'file tree': folderOf(leaves),
      'meta version': 2,
      name: 'release',
      'piece length': pieceLength,
      ...(format === 'hybrid' ? v1Half(sorted, pieceLength) : {}),
      ...changes,
    }),
  )
  const bytes = concatBytes([Buffer.from('d4:info'), info, encodeBencode('piece layers'), encodeBencode(layers), Buffer.from('e')])
  return { bytes, info, roots: trees.map((tree) => tree?.root) }
}

/** Bytes of a dictionary compare as unsigned, and a folder stands where its name stands. */
function compare(left: readonly string[], right: readonly string[]): number {
  for (let place = 0; ; place++) {
    const order = Buffer.compare(Buffer.from(left[place] ?? ''), Buffer.from(right[place] ?? ''))
    if (order !== 0 || place >= Math.max(left.length, right.length)) return order
  }
}

interface Leaf {
  readonly path: readonly string[]
  readonly value: ReadonlyMap<string, Bencodable>
}

function folderOf(leaves: readonly Leaf[]): ReadonlyMap<string, Bencodable> {
  const folder = new Map<string, Bencodable>()
  for (const name of new Set(leaves.map(({ path }) => path[0] ?? ''))) {
    const below = leaves.filter(({ path }) => path[0] === name)
    const file = below.find(({ path }) => path.length === 1)
    folder.set(keyOf(Buffer.from(name)), file?.value ?? folderOf(below.map(({ path, value }) => ({ path: path.slice(1), value }))))
  }
  return folder
}

function v1Half(files: readonly ContentFile[], pieceLength: number): Fields {
  const list: Bencodable[] = []
  const parts: Uint8Array[] = []
  let total = 0
  const add = (bytes: Uint8Array, fields: Fields): void => {
    list.push(dictionary({ length: bytes.length, ...fields }))
    parts.push(bytes)
    total += bytes.length
  }
  for (const { path, content } of files) {
    const gap = (pieceLength - (total % pieceLength)) % pieceLength
    if (content.length > 0 && gap > 0) add(new Uint8Array(gap), { attr: 'p', path: ['.pad', `${list.length}`] })
    add(content, { path })
  }
  const stream = concatBytes(parts)
  const pieces = Array.from({ length: Math.ceil(stream.length / pieceLength) }, (_, piece) =>
    createHash('sha1')
      .update(stream.subarray(piece * pieceLength, (piece + 1) * pieceLength))
      .digest(),
  )
  return { files: list, pieces: concatBytes(pieces) }
}
