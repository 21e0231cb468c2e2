import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AskedBlock } from '../../../src/swarm/web-seeds/range-queue.ts'
import { RangeReading } from '../../../src/swarm/web-seeds/range-reading.ts'
import type { ContentRange, RangeReader, WebSeedFailure } from '../../../src/web-seed/web-seed.ts'

const FIRST_OFFSET = 1_000
const failure: WebSeedFailure = { kind: 'unreachable', message: 'It broke.', isFinal: false, retryAfterMs: undefined }

/** A range as somebody who reads it sees it, and what came of it. */
class Bench {
  readonly blocks: readonly AskedBlock[]
  readonly content: Uint8Array
  readonly reading: RangeReading
  readonly taken: { readonly block: AskedBlock; readonly bytes: number[] }[] = []
  received = 0
  ends: (WebSeedFailure | undefined)[] = []
  isCancelled = false
  range: ContentRange | undefined
  /** Called with each block. */
  onBlock: (block: AskedBlock) => void = () => undefined
  /** Called with what came. */
  onReceived: (bytes: number) => void = () => undefined
  #reader: RangeReader | undefined
  isReadPaused = false

  constructor(lengths: readonly number[], readBytes: number = Number.POSITIVE_INFINITY) {
    let offset = FIRST_OFFSET
    this.blocks = lengths.map((length, begin) => {
      offset += length
      return { piece: 1, begin, length, offset: offset - length }
    })
    this.content = Uint8Array.from({ length: offset - FIRST_OFFSET }, (_, index) => (index * 37) & 255)
    const read = (range: ContentRange, reader: RangeReader): { pause(): void; resume(): void; cancel(): void } => {
      this.range = range
      this.#reader = reader
      return { pause: () => (this.isReadPaused = true), resume: () => (this.isReadPaused = false), cancel: () => (this.isCancelled = true) }
    }
    const webSeed = { label: 'bench', read, close: () => Promise.resolve() }
    this.reading = new RangeReading(webSeed, this.blocks, readBytes, {
      onBlock: (block, bytes) => {
        this.taken.push({ block, bytes: [...bytes] })
        this.onBlock(block)
      },
      onReceived: (bytes) => {
        this.received += bytes
        this.onReceived(bytes)
      },
      onEnd: (_, ended) => this.ends.push(ended),
    })
  }

  /** The content from `from` to `to` comes, in chunks of `sizes` by turns. */
  send(sizes: readonly number[], from = 0, to: number = this.content.length): void {
    let turn = 0
    for (let at = from; at < to; ) {
      const end = Math.min(to, at + (sizes[turn++ % sizes.length] ?? 1))
      const chunk = Buffer.from(this.content.subarray(at, end))
      this.#reader?.onBytes(chunk)
      // It is valid during the call only.
      chunk.fill(0)
      at = end
    }
  }

  /** So many zeros come that were made here. */
  pad(lengthBytes: number): void {
    this.#reader?.onBytes(new Uint8Array(lengthBytes), true)
  }

  end(ended: WebSeedFailure | undefined): void {
    this.#reader?.onEnd(ended)
  }

  bytesOf({ offset, length }: AskedBlock): number[] {
    return [...this.content.subarray(offset - FIRST_OFFSET, offset - FIRST_OFFSET + length)]
  }
}

const lengths = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 20 })
const sizes = fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 10 })

describe('RangeReading', () => {
  it('asks for one range from the first to the last byte', () => {
    const bench = new Bench([10, 20, 5])
    expect(bench.range).toEqual({ begin: FIRST_OFFSET, lengthBytes: 35 })
  })

  it('gives the same blocks however the bytes are cut up', () => {
    fc.assert(
      fc.property(lengths, sizes, (blocks, chunks) => {
        const bench = new Bench(blocks)
        bench.send(chunks)
        bench.end(undefined)
        expect(bench.taken).toEqual(bench.blocks.map((block) => ({ block, bytes: bench.bytesOf(block) })))
        expect([bench.received, bench.reading.bytesLeft, bench.ends]).toEqual([bench.content.length, 0, [undefined]])
      }),
    )
  })

  it('takes no more at once than it may, waits with the rest while it is paused, and gives the same blocks', () => {
    fc.assert(
      fc.property(lengths, sizes, fc.integer({ min: 1, max: 60 }), (blocks, chunks, readBytes) => {
        const bench = new Bench(blocks, readBytes)
        const atOnce: number[] = []
        bench.onReceived = (bytes) => {
          atOnce.push(bytes)
          bench.reading.pause()
        }
        let sent = 0
        for (let turn = 0; bench.ends.length === 0; turn++) {
          if (!bench.isReadPaused) {
            const next = Math.min(bench.content.length, sent + (chunks[turn % chunks.length] ?? 1))
            bench.send([next - sent], sent, next)
            sent = next
            if (sent === bench.content.length) bench.end(undefined)
          }
          if (bench.ends.length === 0) bench.reading.resume()
        }
        expect(bench.taken).toEqual(bench.blocks.map((block) => ({ block, bytes: bench.bytesOf(block) })))
        expect([bench.received, bench.reading.bytesLeft, bench.ends]).toEqual([bench.content.length, 0, [undefined]])
        expect(Math.max(...atOnce)).toBeLessThanOrEqual(readBytes)
      }),
    )
  })

  it('tells of a failure after what came before it', () => {
    const bench = new Bench([10, 10, 10], 10)
    bench.onReceived = () => bench.reading.pause()
    bench.send([25], 0, 25)
    bench.end(failure)
    expect([bench.taken.length, bench.ends]).toEqual([1, []])
    bench.reading.resume()
    expect([bench.taken.length, bench.ends]).toEqual([2, []])
    bench.reading.resume()
    expect([bench.taken.length, bench.received, bench.ends]).toEqual([2, 25, [failure]])
    expect(bench.reading.blocksLeft).toEqual(bench.blocks.slice(2))
  })

  it('counts no padding as received', () => {
    const bench = new Bench([10, 10])
    bench.send([12], 0, 12)
    bench.pad(8)
    expect([bench.taken.length, bench.received]).toEqual([2, 12])
  })

  it('tells which blocks are lost when it ends in the middle', () => {
    fc.assert(
      fc.property(lengths, sizes, fc.nat(), (blocks, chunks, cut) => {
        const bench = new Bench(blocks)
        const came = cut % bench.content.length
        bench.send(chunks, 0, came)
        bench.end(failure)
        const whole = bench.blocks.filter(({ offset, length }) => offset + length - FIRST_OFFSET <= came)
        expect(bench.taken.map(({ block }) => block)).toEqual(whole)
        expect(bench.reading.blocksLeft).toEqual(bench.blocks.slice(whole.length))
        expect(bench.ends).toEqual([failure])
      }),
    )
  })

  it('says nothing any more once it was stopped, even in the middle of a chunk', () => {
    const bench = new Bench([10, 10, 10])
    bench.onBlock = ({ begin }) => {
      if (begin === 1) bench.reading.stop()
    }
    bench.send([30])
    bench.end(failure)
    expect(bench.taken.map(({ block }) => block.begin)).toEqual([0, 1])
    expect([bench.isCancelled, bench.received, bench.ends]).toEqual([true, 0, []])
  })

  it('is in vain once what was not cancelled is here, and not any more when everything is', () => {
    const bench = new Bench([10, 10, 10])
    expect([bench.reading.cancel(1, 2), bench.reading.cancel(1, 1), bench.reading.isVain]).toEqual([true, true, false])
    bench.send([10], 0, 10)
    expect(bench.reading.isVain).toBe(true)
    bench.send([10], 10)
    expect(bench.reading.isVain).toBe(false)
  })

  it('is in vain once everything that is still to come was cancelled', () => {
    const bench = new Bench([10, 10, 10])
    bench.send([15], 0, 15)
    expect(bench.reading.cancel(1, 0)).toBe(false)
    expect([bench.reading.cancel(1, 1), bench.reading.isVain]).toEqual([true, false])
    expect([bench.reading.cancel(1, 2), bench.reading.isVain]).toEqual([true, true])
  })

  it('gives a cancelled block all the same when it comes', () => {
    const bench = new Bench([10, 10])
    bench.reading.cancel(1, 0)
    bench.send([7])
    expect(bench.taken).toHaveLength(2)
  })
})
