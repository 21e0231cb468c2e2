import { DistroError } from '../base/errors.ts'
import type { InfoDictionary } from '../torrent/info.ts'
import type { MerkleTrees } from '../torrent/merkle-trees.ts'

/** Throws TORRENT_UNSUPPORTED for a torrent of v2 only whose pieces cannot be checked, because hashes of them are not known. */
export function requirePieceHashes({ info }: Pick<InfoDictionary, 'info'>, trees: MerkleTrees | undefined): void {
  if (info.pieceHashes !== undefined || trees?.isComplete === true) return
  const what = 'it is for BitTorrent v2 only (BEP 52), and the hashes of the pieces of its files (piece layers) are not in it'
  const hint = 'Use a .torrent that has them, or a hybrid torrent of the same content.'
  throw new DistroError('TORRENT_UNSUPPORTED', `The torrent is not supported: ${what}.`, { hint })
}
