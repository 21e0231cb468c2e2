import { MiB } from '../../../src/base/units.ts'
import { automaticPieceLength } from '../../../src/torrent/piece-length.ts'

/** Pieces that all hosts together receive in a run of minutes: each of them tells all its peers of each of its pieces. */
const WANTED_PIECES = 2 ** 21
/** A swarm with longer pieces says little about one with usual ones. */
const LONGEST = MiB

/** The piece length in bytes that `distro create` chooses, or, where that would make a run very long, a longer one. */
export function automaticPieceLengthFor(hosts: number, sizeBytes: number): number {
  let pieceLengthBytes = automaticPieceLength(sizeBytes)
  while (pieceLengthBytes < LONGEST && (hosts * sizeBytes) / pieceLengthBytes > WANTED_PIECES) pieceLengthBytes *= 2
  return pieceLengthBytes
}
