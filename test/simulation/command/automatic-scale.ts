import { BLOCK_BYTES } from '../../../src/base/units.ts'

/** Blocks that all hosts together receive in a run of minutes. */
const WANTED_BLOCKS = 2 ** 22
/** A piece of fewer blocks is no longer gathered as one is. */
const FEWEST_BLOCKS_A_PIECE = 4

/** How many real bytes each simulated one stands for, so that a run takes minutes: a power of two, 1 where that will do. */
export function automaticScale(hosts: number, sizeBytes: number, pieceLengthBytes: number): number {
  let scale = 1
  while (
    (hosts * sizeBytes) / (BLOCK_BYTES * scale) > WANTED_BLOCKS &&
    scale * 2 * FEWEST_BLOCKS_A_PIECE * BLOCK_BYTES <= pieceLengthBytes
  ) {
    scale *= 2
  }
  return scale
}
