/** What the swarm must know of a torrent's pieces; `torrent/piece-geometry.ts` gives it. */
export interface PieceLayout {
  readonly pieceCount: number
  /** Bytes from the start of one piece to the start of the next. */
  readonly pieceLengthBytes: number
  /** How long a piece is as a rule, in bytes: what estimates go by. */
  readonly usualPieceBytes: number
  /** Length of a block, which is what is asked for at a time: 16 KiB, but for a simulation where larger ones save time. */
  readonly blockLengthBytes: number
  /** Length of a piece in bytes. In v1 only the last one is shorter than the others, else each last one of a file may be (BEP 52). */
  pieceBytes(piece: number): number
  /** How much of a piece peers may ask for, zeros behind its end included; at least its length. */
  servedBytes(piece: number): number
}
