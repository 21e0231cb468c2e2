import { BLOCK_BYTES } from '../base/units.ts'

/** Blocks in one batch at most: 256 KiB, which one vectored read and one socket write move at once. */
export const BATCH_BLOCKS = 16

/** Length prefix, message id, piece index and offset before the bytes of a block (BEP 3). */
export const BLOCK_HEADER_BYTES = 13

/**
 * Up to sixteen blocks on their way to one peer, laid out as they go over the wire: header, block, header, block.
 * The store reads straight into `bodies`, between the headers, so a block is never copied in user space.
 */
export class BlockBatch {
  readonly pieces: Uint32Array = new Uint32Array(BATCH_BLOCKS)
  readonly begins: Uint32Array = new Uint32Array(BATCH_BLOCKS)
  readonly lengths: Uint32Array = new Uint32Array(BATCH_BLOCKS)
  /** The whole frame; empty when the batch carries no bytes (a simulated network). */
  readonly frame: Uint8Array
  /** Where the bytes of each block belong, in order; each exactly as long as its block. Empty when the batch carries no bytes. */
  readonly bodies: Uint8Array[] = []
  #view: DataView
  #count = 0
  #frameBytes = 0
  #payloadBytes = 0

  constructor(carriesBytes = true) {
    this.frame = new Uint8Array(carriesBytes ? BATCH_BLOCKS * (BLOCK_HEADER_BYTES + BLOCK_BYTES) : 0)
    this.#view = new DataView(this.frame.buffer)
  }

  get count(): number {
    return this.#count
  }

  get isFull(): boolean {
    return this.#count === BATCH_BLOCKS
  }

  /** How much of `frame` is used. */
  get frameBytes(): number {
    return this.#frameBytes
  }

  /** Block bytes in the batch, without headers. */
  get payloadBytes(): number {
    return this.#payloadBytes
  }

  /** Adds a block of at most 16 KiB; its header is written now, its bytes are read later. */
  add(piece: number, begin: number, length: number): void {
    this.pieces[this.#count] = piece
    this.begins[this.#count] = begin
    this.lengths[this.#count] = length
    if (this.frame.length > 0) {
      this.#view.setUint32(this.#frameBytes, 9 + length)
      this.#view.setUint8(this.#frameBytes + 4, 7)
      this.#view.setUint32(this.#frameBytes + 5, piece)
      this.#view.setUint32(this.#frameBytes + 9, begin)
      const bodyStart = this.#frameBytes + BLOCK_HEADER_BYTES
      this.bodies.push(this.frame.subarray(bodyStart, bodyStart + length))
    }
    this.#count++
    this.#frameBytes += BLOCK_HEADER_BYTES + length
    this.#payloadBytes += length
  }

  /** Makes the batch ready for other blocks. */
  clear(): void {
    this.#count = 0
    this.#frameBytes = 0
    this.#payloadBytes = 0
    this.bodies.length = 0
  }
}
