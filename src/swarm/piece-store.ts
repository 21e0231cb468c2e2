import type { Bitfield } from '../base/bitfield.ts'
import type { DistroError } from '../base/errors.ts'
import type { BlockGap } from '../torrent/block-parts.ts'

/** How a finished piece turned out. */
export type CommitResult =
  | { readonly kind: 'stored'; readonly blockDigests: Uint8Array | undefined }
  /** The hash does not match; `blockDigests` are always given, so that the liar among several senders can be told later. */
  | { readonly kind: 'corrupt'; readonly blockDigests: Uint8Array }
  /** The piece is right and could not be written, or no worker could hash it: the transfer cannot go on. */
  | { readonly kind: 'failed'; readonly error: DistroError }

/** Blocks of pieces that may well stand elsewhere on this host. */
export interface EarlierBlocks {
  /** The blocks of `piece` that there are, by number; never all of them, so that somebody is still to be asked. */
  blocksOf(piece: number): readonly number[]
  /** Reads them into `into`, the memory of the piece, off the main thread; `done` gets those that came. */
  read(piece: number, into: Uint8Array, done: (blocks: readonly number[]) => void): void
  /** Blocks of `piece`, beyond those, of which parts may well be here, by number in ascending order. */
  guessedOf(piece: number): readonly number[]
  /**
   * Looks for parts of some of these, whose sums are `sums` (see `torrent/block-parts.ts`), off the main thread; what is right goes into
   * `into`, the memory of the piece, and `done` gets what is missing of each.
   */
  findParts(piece: number, blocks: readonly number[], sums: Uint8Array, into: Uint8Array, done: (gaps: readonly BlockGap[]) => void): void
  /** Something that was read of `piece` was not right: all of it comes from others now. */
  forget(piece: number): void
}

/**
 * The bytes of one torrent as the swarm sees them. Incoming blocks are gathered in a fixed number of piece slots, one shared
 * memory: when none is free nothing more is requested, which is the back-pressure from disk and hash to the sockets.
 */
export interface PieceStore {
  /** Pieces that are verified and can be read. The swarm reads it once at the start and keeps its own copy. */
  readonly verified: Bitfield
  /** False in a simulation, where blocks are counted and no bytes move; absent means true. */
  readonly carriesBytes?: boolean
  /** What need not be asked of others; absent where there is nothing. */
  readonly earlier?: EarlierBlocks | undefined
  /** The piece slots, one after the other; empty in a simulation, where no bytes move. */
  readonly blockMemory: Uint8Array
  /** A free piece slot, or -1. */
  acquireSlot(): number
  /** Where slot `slot` starts in the block memory, in bytes. */
  slotOffset(slot: number): number
  /** Gives a slot back without looking at what is in it. */
  releaseSlot(slot: number): void
  /**
   * Hashes the piece in `slot` off the main thread and, if it is right, writes it; then frees the slot in every case and calls `done`.
   * `wantDigests` asks for a digest of each 16 KiB block, in order, of a right piece too: SHA-256 (32 bytes) where the piece is checked by
   * its merkle hash (BEP 52), else SHA-1 (20 bytes).
   */
  commit(slot: number, piece: number, wantDigests: boolean, done: (result: CommitResult) => void): void
  /**
   * Reads bytes of a verified piece from `begin` on into `bodies`, one after the other, off the main thread.
   * `done` gets the error if they cannot be given (the file changed, the disk failed).
   */
  read(piece: number, begin: number, bodies: readonly Uint8Array[], done: (error: DistroError | undefined) => void): void
}
