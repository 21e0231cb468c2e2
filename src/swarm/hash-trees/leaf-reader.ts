import { hashBlocks, MERKLE_HASH_BYTES } from '../../torrent/merkle-tree.ts'
import { BATCH_BLOCKS } from '../../wire/block-batch.ts'
import type { PieceLayout } from '../piece-layout.ts'
import type { PieceStore } from '../piece-store.ts'

/** Reads pieces for their leaves (BEP 52), 256 KiB at a time: in between, everything else has its turn. */
export class LeafReader {
  readonly #store: PieceStore
  readonly #layout: PieceLayout
  readonly #memory: Uint8Array
  #isReading = false

  constructor(store: PieceStore, layout: PieceLayout) {
    this.#store = store
    this.#layout = layout
    this.#memory = new Uint8Array(BATCH_BLOCKS * layout.blockLengthBytes)
  }

  /** True until the piece that was asked for last is read. */
  get isReading(): boolean {
    return this.#isReading
  }

  /** Reads `piece`; `done` gets the SHA-256 of each of its blocks, or undefined if it cannot be read. One piece at a time. */
  read(piece: number, done: (leaves: Uint8Array | undefined) => void): void {
    this.#isReading = true
    const { blockLengthBytes } = this.#layout
    const pieceBytes = this.#layout.pieceBytes(piece)
    const leaves = new Uint8Array(Math.ceil(pieceBytes / blockLengthBytes) * MERKLE_HASH_BYTES)
    const end = (result: Uint8Array | undefined): void => {
      this.#isReading = false
      done(result)
    }
    const readFrom = (begin: number): void => {
      const stretch = this.#memory.subarray(0, Math.min(this.#memory.length, pieceBytes - begin))
      this.#store.read(piece, begin, [stretch], (error) => {
        if (error !== undefined) {
          end(undefined)
          return
        }
        leaves.set(hashBlocks(stretch), (begin / blockLengthBytes) * MERKLE_HASH_BYTES)
        const next = begin + stretch.length
        if (next < pieceBytes) readFrom(next)
        else end(leaves)
      })
    }
    readFrom(0)
  }
}
