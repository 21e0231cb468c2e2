import type { InfoDictionary } from '../../torrent/info.ts'
import type { MerkleTrees } from '../../torrent/merkle-trees.ts'
import type { FetchWatch } from '../network/fetch-watch.ts'
import type { Participation } from '../network/participation.ts'
import { unlessAborted } from '../waiting.ts'

/**
 * Asks peers for the hashes of pieces that `trees` lacks (BEP 52). A torrent of v2 only waits for all of them; a hybrid goes on with its SHA-1
 * hashes where nobody who is connected has them. Throws what `watch` gives up with, or the signal's reason.
 */
export async function seekLayers(
  { swarm }: Pick<Participation, 'swarm'>,
  watch: Pick<FetchWatch, 'hopeless'>,
  signal: AbortSignal,
  { info }: Pick<InfoDictionary, 'info'>,
  trees: MerkleTrees | undefined,
): Promise<void> {
  if (trees === undefined || trees.isComplete) return
  const sought = swarm.seekLayers(trees, { isRequired: info.pieceHashes === undefined })
  await unlessAborted(Promise.race([sought, watch.hopeless]), signal)
}
