import type { Metainfo } from '../../torrent/info.ts'
import { MerkleTrees } from '../../torrent/merkle-trees.ts'

/** The merkle trees of the files of a torrent (BEP 52), as far as its piece layers tell; undefined for v1. */
export function merkleTreesOf({ v2, pieceLayers }: Pick<Metainfo, 'v2' | 'pieceLayers'>): MerkleTrees | undefined {
  return v2 === undefined ? undefined : new MerkleTrees(v2.info, pieceLayers)
}
