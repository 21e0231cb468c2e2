/** What the swarm must know of a torrent's pieces; `torrent/piece-geometry.ts` gives it. */
export interface PieceLayout {
  readonly pieceCount: number
  /** Length of a block, which is what is asked for at a time: 16 KiB, but for a simulation where larger ones save time. */
  readonly blockLengthBytes: number
  /** Length of a piece in bytes; only the last one may be shorter than the others. */
  pieceBytes(piece: number): number
}
