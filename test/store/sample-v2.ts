import { MerkleTrees } from '../../src/torrent/merkle-trees.ts'
import { decodeMetainfo } from '../../src/torrent/metainfo.ts'
import { buildTorrent } from '../torrent/build-v2.ts'
import { pseudoRandomBytes, type SampleFile, type SampleTorrent } from './sample-torrent.ts'

/** A torrent of v2 only or a hybrid, with its content at the places that it has in pieces, zeros between them. */
export interface SampleV2 extends SampleTorrent {
  readonly trees: MerkleTrees
  /** Before its piece layers are known. */
  readonly bareTrees: MerkleTrees
  /** The .torrent file. */
  readonly bytes: Uint8Array
}

/** How a sample is cut, and what its bytes follow from. */
export interface SampleV2Shape {
  readonly format: 'v2' | 'hybrid'
  readonly pieceLengthBytes?: number
  readonly seed?: number
}

/** A torrent over `files`, which are put into the order of the tree, in the folder `release`. */
export function sampleV2(files: readonly SampleFile[], { format, pieceLengthBytes = 65_536, seed = 1 }: SampleV2Shape): SampleV2 {
  const contents = files.map(([path, lengthBytes], index) => ({
    path: path.split('/'),
    content: pseudoRandomBytes(lengthBytes, seed * 1_000 + index),
  }))
  const { bytes } = buildTorrent(contents, pieceLengthBytes, format)
  const { info, infoHash, v2, pieceLayers } = decodeMetainfo(bytes)
  const end = info.files.reduce((most, { offsetBytes, lengthBytes }) => Math.max(most, offsetBytes + lengthBytes), 0)
  const content = new Uint8Array(Math.ceil(end / pieceLengthBytes) * pieceLengthBytes)
  for (const { path, offsetBytes, kind } of info.files) {
    const found = contents.find((file) => file.path.join('/') === path.join('/'))
    if (kind === 'file' && found !== undefined) content.set(found.content, offsetBytes)
  }
  const known = v2?.info ?? { files: [], pieceLengthBytes }
  const trees = new MerkleTrees(known, pieceLayers)
  return { info, infoHash, content, trees, bareTrees: new MerkleTrees(known, new Map()), bytes }
}
