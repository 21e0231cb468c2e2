import type { ContentRange, RangeRead, RangeReader, WebSeed, WebSeedFailure } from '../../web-seed/web-seed.ts'
import type { AskedBlock } from './range-queue.ts'

/** Who takes what a range brings. */
export interface RangeTaker {
  /** All bytes of the next block; valid during the call only. */
  onBlock(block: AskedBlock, bytes: Uint8Array): void
  /** Called after each read with the bytes that came from the network: 0 for padding. */
  onReceived(bytes: number): void
  onEnd(reading: RangeReading, failure: WebSeedFailure | undefined): void
}

/** Bytes of one read that wait, and how the range ended after them, if it has. */
interface Held {
  readonly bytes: Uint8Array
  readonly isPadding: boolean
  end: { readonly failure: WebSeedFailure | undefined } | undefined
}

/** A run of blocks on its way from a web seed: cuts the bytes that come into blocks. */
export class RangeReading implements RangeReader {
  readonly #blocks: readonly AskedBlock[]
  readonly #taker: RangeTaker
  readonly #readBytes: number
  readonly #read: RangeRead
  /** Blocks that are not needed any more and come all the same. */
  readonly #cancelled = new Set<AskedBlock>()
  /** The part of the next block that is here; made for the first block that comes in parts. */
  #partial: Uint8Array | undefined
  #filled = 0
  #next = 0
  /** What came in one read and may not be taken yet. */
  #held: Held | undefined
  #isPaused = false
  #isOver = false

  /** `blocks` follow each other in the content; there is one at least. Of what comes `readBytes` are taken at once, before the next pause. */
  constructor(webSeed: WebSeed, blocks: readonly AskedBlock[], readBytes: number, taker: RangeTaker) {
    this.#blocks = blocks
    this.#readBytes = readBytes
    this.#taker = taker
    this.#read = webSeed.read(rangeOf(blocks), this)
  }

  /** Blocks that are still to come. */
  get blocksLeft(): readonly AskedBlock[] {
    return this.#blocks.slice(this.#next)
  }

  /** Bytes that are still to come, of which part of a block may be here. */
  get bytesLeft(): number {
    const last = this.#blocks[this.#blocks.length - 1] as AskedBlock
    const next = this.#blocks[this.#next]
    return next === undefined ? 0 : last.offset + last.length - next.offset
  }

  /** A block is not needed any more. Returns false if it is not one of those to come. */
  cancel(piece: number, begin: number): boolean {
    const block = this.blocksLeft.find((left) => left.piece === piece && left.begin === begin)
    if (block !== undefined) this.#cancelled.add(block)
    return block !== undefined
  }

  /** No block is needed any more but the one of which a part is here. Returns those that were needed until now. */
  cancelUnbegun(): readonly AskedBlock[] {
    const given = this.#blocks.slice(this.#next + (this.#filled > 0 ? 1 : 0)).filter((block) => !this.#cancelled.has(block))
    for (const block of given) this.#cancelled.add(block)
    return given
  }

  /** True if none of the blocks to come is needed. */
  get isVain(): boolean {
    return this.#cancelled.size > 0 && this.bytesLeft > 0 && this.blocksLeft.every((block) => this.#cancelled.has(block))
  }

  pause(): void {
    this.#isPaused = true
    this.#read.pause()
  }

  resume(): void {
    this.#isPaused = false
    const held = this.#takeHeld()
    if (held !== undefined) this.onBytes(held.bytes, held.isPadding)
    if (this.#held !== undefined) this.#held.end = held?.end
    else if (held?.end !== undefined) this.onEnd(held.end.failure)
    else if (!this.#isPaused && !this.#isOver) this.#read.resume()
  }

  /** Ends it without a word. */
  stop(): void {
    this.#isOver = true
    this.#read.cancel()
  }

  onBytes(bytes: Uint8Array, isPadding = false): void {
    let from = 0
    while (from < bytes.length && !this.#isPaused && !this.#isOver) {
      const next = bytes.subarray(from, from + this.#readBytes)
      from += next.length
      this.#cut(next)
      if (!this.#isOver) this.#taker.onReceived(isPadding ? 0 : next.length)
    }
    if (from < bytes.length && !this.#isOver) this.#held = { bytes: Uint8Array.from(bytes.subarray(from)), isPadding, end: undefined }
  }

  onEnd(failure: WebSeedFailure | undefined): void {
    if (this.#isOver) return
    if (this.#held !== undefined) {
      this.#held.end = { failure }
      return
    }
    this.#isOver = true
    this.#taker.onEnd(this, failure)
  }

  #takeHeld(): Held | undefined {
    const held = this.#held
    this.#held = undefined
    return held
  }

  #cut(bytes: Uint8Array): void {
    let from = 0
    while (from < bytes.length && !this.#isOver) {
      const block = this.#blocks[this.#next]
      if (block === undefined) return
      if (this.#filled === 0 && bytes.length - from >= block.length) {
        this.#next++
        this.#taker.onBlock(block, bytes.subarray(from, from + block.length))
        from += block.length
      } else from += this.#gather(block, bytes, from)
    }
  }

  /** Adds what `bytes` hold of `block` from `from` on; returns how much that is. */
  #gather(block: AskedBlock, bytes: Uint8Array, from: number): number {
    // Blocks of one range are of one length, but for the last of a piece, which is shorter.
    this.#partial ??= new Uint8Array(Math.max(...this.#blocks.map(({ length }) => length)))
    const count = Math.min(block.length - this.#filled, bytes.length - from)
    this.#partial.set(bytes.subarray(from, from + count), this.#filled)
    this.#filled += count
    if (this.#filled < block.length) return count
    this.#filled = 0
    this.#next++
    this.#taker.onBlock(block, this.#partial.subarray(0, block.length))
    return count
  }
}

function rangeOf(blocks: readonly AskedBlock[]): ContentRange {
  const [first, last] = [blocks[0] as AskedBlock, blocks[blocks.length - 1] as AskedBlock]
  return { begin: first.offset, lengthBytes: last.offset + last.length - first.offset }
}
