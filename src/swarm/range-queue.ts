/** A block that was asked of a web seed. */
export interface AskedBlock {
  readonly piece: number
  readonly begin: number
  readonly length: number
  /** Where it starts in the content, in bytes. */
  readonly offset: number
}

/** What one request asks for at most. */
const LONGEST_RANGE_BYTES = 16 * 1_048_576

/** Blocks that wait to be asked of a web seed, in the order in which they were wanted; given out as runs of neighbours. */
export class RangeQueue {
  #blocks: AskedBlock[] = []

  get isEmpty(): boolean {
    return this.#blocks.length === 0
  }

  add(block: AskedBlock): void {
    this.#blocks.push(block)
  }

  /** Takes a block out again; false if it is not waiting. */
  remove(piece: number, begin: number): boolean {
    const index = this.#blocks.findIndex((block) => block.piece === piece && block.begin === begin)
    if (index >= 0) this.#blocks.splice(index, 1)
    return index >= 0
  }

  /** The block at the front with all that follow it without a gap, 16 MiB at most; empty when nothing waits. */
  take(): AskedBlock[] {
    let count = 0
    let bytes = 0
    let end: number | undefined
    for (const block of this.#blocks) {
      if ((end !== undefined && block.offset !== end) || bytes + block.length > LONGEST_RANGE_BYTES) break
      end = block.offset + block.length
      bytes += block.length
      count++
    }
    return this.#blocks.splice(0, count)
  }

  clear(): void {
    this.#blocks = []
  }
}
