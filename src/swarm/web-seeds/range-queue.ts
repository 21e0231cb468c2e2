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

  /**
   * The block at the front with all behind it that lengthen the run without a gap, 16 MiB at most, in the order of the content; empty when
   * nothing waits. What is taken over from others comes from the end of their work, so a run may grow towards the front too.
   */
  take(): AskedBlock[] {
    const [first] = this.#blocks
    if (first === undefined) return []
    const [before, after]: [AskedBlock[], AskedBlock[]] = [[], []]
    let begin = first.offset
    let end = first.offset
    for (const block of this.#blocks) {
      const blockEnd = block.offset + block.length
      if (Math.max(end, blockEnd) - Math.min(begin, block.offset) > LONGEST_RANGE_BYTES) break
      if (block.offset === end) {
        after.push(block)
        end = blockEnd
      } else if (blockEnd === begin) {
        before.push(block)
        begin = block.offset
      } else break
    }
    this.#blocks.splice(0, before.length + after.length)
    return [...before.reverse(), ...after]
  }

  clear(): void {
    this.#blocks = []
  }
}
