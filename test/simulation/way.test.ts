import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BLOCK_BYTES } from '../../src/base/units.ts'
import { BLOCK_HEADER_BYTES, BlockBatch } from '../../src/wire/block-batch.ts'
import type { LinkHandler } from '../../src/wire/link.ts'
import { EventQueue } from './event-queue.ts'
import { Line } from './line.ts'
import { Message, type Parcel } from './parcel.ts'
import { ParcelPool } from './parcel-pool.ts'
import { Way } from './way.ts'

/** As in `way.ts`: what the system takes before it has left. */
const SOCKET_BUFFER_BYTES = 131_072
const FRAME_BYTES = BLOCK_BYTES + BLOCK_HEADER_BYTES
const LATENCY_MS = 3

/** What the sender does: a batch of so many blocks, or a small message of so many bytes. */
type Step = { readonly atMs: number; readonly blocks: number } | { readonly atMs: number; readonly letterBytes: number }

const atMs = fc.integer({ min: 0, max: 300 })
const step = fc.oneof(
  fc.record({ atMs, blocks: fc.integer({ min: 1, max: 8 }) }),
  fc.record({ atMs, letterBytes: fc.integer({ min: 4, max: 60 }) }),
)
const story = fc.array(step, { maxLength: 40 }).map((steps: Step[]) => steps.toSorted((one, other) => one.atMs - other.atMs))
/** From 400 kB/s to 20 MB/s; the narrowest may be anywhere. */
const rates = fc.array(fc.integer({ min: 400, max: 20_000 }), { minLength: 2, maxLength: 4 })

describe('one direction of a connection', () => {
  it('delivers everything once, in the order in which it was said', () => {
    fc.assert(
      fc.property(story, rates, (steps, kilobytesPerSecond) => {
        const sender = new Sender(kilobytesPerSecond)
        sender.follow(steps)
        sender.events.run(1e7, () => false)
        expect(sender.delivered).toEqual(steps.map((_, number) => number))
        expect(sender.taken).toBe(sender.givenBytes)
        expect(sender.way.queuedBytes).toBe(0)
      }),
      { numRuns: 200 },
    )
  })

  it('has little on its way that waits, and takes no more than the buffer holds', () => {
    fc.assert(
      fc.property(story, rates, (steps, kilobytesPerSecond) => {
        const sender = new Sender(kilobytesPerSecond)
        sender.follow(steps)
        // One crosses the first line; three stand at each line behind it; some are in between.
        const between = LATENCY_MS * (kilobytesPerSecond[0] as number) + 8 * FRAME_BYTES
        const most = (1 + 3 * (kilobytesPerSecond.length - 1)) * 8 * FRAME_BYTES + between
        sender.events.run(1e7, () => {
          expect(sender.letOutBytes - sender.deliveredBytes).toBeLessThanOrEqual(most)
          expect(sender.taken - sender.leftBytes).toBeLessThanOrEqual(SOCKET_BUFFER_BYTES)
          expect(sender.way.queuedBytes).toBe(Math.max(0, sender.givenBytes - sender.leftBytes - SOCKET_BUFFER_BYTES))
          return false
        })
      }),
      { numRuns: 100 },
    )
  })

  it('nearly fills its narrowest line, wherever that is', () => {
    fc.assert(
      fc.property(rates, (kilobytesPerSecond) => {
        const sender = new Sender(kilobytesPerSecond)
        const batches = 60
        sender.follow(Array.from({ length: batches }, () => ({ atMs: 0, blocks: 8 })))
        sender.events.run(1e7, () => sender.delivered.length === batches)
        // The other lines and the distance delay its start; where lines are alike, a batch may find the one before still at the next line.
        const alone = kilobytesPerSecond.reduce((sumMs, rate) => sumMs + (8 * FRAME_BYTES) / rate, LATENCY_MS)
        const narrowest = Math.min(...kilobytesPerSecond)
        expect(sender.events.nowMs()).toBeLessThan((1.2 * batches * 8 * FRAME_BYTES) / narrowest + alone)
      }),
      { numRuns: 100 },
    )
  })

  it('needs the time of each line and of the distance', () => {
    const sender = new Sender([1_000, 500])
    sender.follow([{ atMs: 10, blocks: 2 }])
    let deliveredMs = 0
    sender.events.run(1e4, () => {
      if (deliveredMs === 0 && sender.delivered.length > 0) deliveredMs = sender.events.nowMs()
      return false
    })
    expect(deliveredMs).toBeCloseTo(10 + (2 * FRAME_BYTES) / 1_000 + LATENCY_MS + (2 * FRAME_BYTES) / 500, 6)
  })

  it('delivers nothing more once it is broken, and says what the system had not taken', () => {
    fc.assert(
      fc.property(story, rates, atMs, (steps, kilobytesPerSecond, breaksMs) => {
        const sender = new Sender(kilobytesPerSecond)
        sender.follow(steps.filter((each) => each.atMs <= breaksMs))
        sender.events.run(breaksMs, () => false)
        const before = sender.delivered.length
        const unsent = sender.way.break()
        expect(unsent.reduce((sum, parcel) => sum + parcel.bytes, 0)).toBe(sender.givenBytes - sender.taken)
        sender.events.run(1e7, () => false)
        expect(sender.delivered.length).toBe(before)
      }),
    )
  })
})

/** A sender on lines of its own, and what it can see of the way. */
class Sender {
  readonly events = new EventQueue()
  readonly way: Way
  readonly delivered: number[] = []
  givenBytes = 0
  letOutBytes = 0
  leftBytes = 0
  taken = 0
  deliveredBytes = 0
  readonly #parcels = new ParcelPool()

  constructor(kilobytesPerSecond: readonly number[]) {
    const route = kilobytesPerSecond.map((rate, index) => this.#line(rate, index === 0))
    this.way = new Way(this.events, this.#parcels, route, LATENCY_MS, {
      deliver: (parcel) => this.#read(parcel),
      onLeft: (parcel) => {
        this.taken += parcel.bytes
      },
    })
  }

  follow(steps: readonly Step[]): void {
    for (const [number, each] of steps.entries()) {
      this.events.after(each.atMs, () => {
        if ('blocks' in each) this.#send(number, each.blocks)
        else this.way.letter(each.letterBytes).addPieceMessage(Message.have, number)
      })
    }
  }

  #send(number: number, blocks: number): void {
    const batch = new BlockBatch(false)
    for (let block = 0; block < blocks; block++) batch.add(number, block * BLOCK_BYTES, BLOCK_BYTES)
    const parcel = this.#parcels.take()
    parcel.addBlocks(batch, 0)
    this.givenBytes += parcel.bytes
    this.way.send(parcel)
  }

  /** The sender's own line tells what is let out and what has left. */
  #line(kilobytesPerSecond: number, isFirst: boolean): Line<Parcel> {
    const line = new Line<Parcel>(this.events, kilobytesPerSecond * 1_000)
    if (!isFirst) return line
    const { enter } = line
    let isWatched = false
    line.enter = (flow, parcel) => {
      this.letOutBytes += parcel.bytes
      if (!isWatched) {
        isWatched = true
        const { onCrossed } = flow
        flow.onCrossed = (crossed) => {
          this.leftBytes += crossed.bytes
          onCrossed.call(flow, crossed)
        }
      }
      enter.call(line, flow, parcel)
    }
    return line
  }

  /** Each batch and each message counts once; what is in one parcel is read blocks first. */
  #read(parcel: Parcel): void {
    if (parcel.hasBlocks) this.deliveredBytes += parcel.bytes
    const seen = new Set<number>()
    const note = (number: number): void => {
      if (seen.has(number)) return
      seen.add(number)
      this.delivered.push(number)
    }
    const onBlockStart = (piece: number): number => {
      note(piece)
      return -1
    }
    const reader = { onBlockStart, onBlockEnd: () => undefined, onHave: note }
    parcel.openBlocks(reader as unknown as LinkHandler, () => false, new Uint8Array(0))
    parcel.openMessages(
      reader as unknown as LinkHandler,
      () => false,
      () => undefined,
    )
    this.#parcels.giveBack(parcel)
  }
}
