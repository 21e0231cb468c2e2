import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EventQueue } from './event-queue.ts'
import { type Flow, type Freight, Line } from './line.ts'

/** In bytes a second: 100 a millisecond. */
const RATE = 100_000
const FLOWS = 40
/** Flows that come and go at random; few, so that they have much to send. */
const BUSY_FLOWS = 5

interface Item extends Freight {
  readonly number: number
}

/** What happens to the line: a flow gets something to send, or is taken off. */
type Step = { readonly atMs: number; readonly flow: number; readonly bytes: number | 'drop' }

const arrival = fc.record({
  atMs: fc.integer({ min: 0, max: 200 }),
  flow: fc.integer({ min: 0, max: BUSY_FLOWS - 1 }),
  bytes: fc.integer({ min: 1, max: 8_000 }),
})
/** Never at the very moment at which something ends: either order would be right. */
const drop = fc.record({
  atMs: fc.integer({ min: 0, max: 200 }).map((atMs) => atMs + Math.SQRT1_2 / 10),
  flow: fc.integer({ min: 0, max: BUSY_FLOWS - 1 }),
  bytes: fc.constant('drop' as const),
})
const story = fc.array(fc.oneof({ weight: 4, arbitrary: arrival }, { weight: 1, arbitrary: drop }), { maxLength: 80 }).map(inOrder)
/** All flows at once, and then some of them break. */
const crowd = fc
  .tuple(
    fc.array(fc.integer({ min: 500, max: 8_000 }), { minLength: FLOWS, maxLength: FLOWS }),
    fc.array(fc.integer({ min: 0, max: FLOWS - 1 }), { minLength: 1, maxLength: 20 }),
  )
  .map(([sizes, breaking]) =>
    inOrder([
      ...sizes.map((bytes, flow) => ({ atMs: 0, flow, bytes })),
      ...breaking.map((flow, index) => ({ atMs: index + Math.SQRT1_2 / 10, flow, bytes: 'drop' as const })),
    ]),
  )

describe('a line', () => {
  it('gives each flow that has something to send an equal share at every moment', () => {
    fc.assert(
      fc.property(fc.oneof(story, crowd), (steps) => {
        const { crossed } = crossingsOf(steps)
        const expected = fluidCrossings(steps)
        expect([...crossed.keys()].toSorted((one, other) => one - other)).toEqual(
          [...expected.keys()].toSorted((one, other) => one - other),
        )
        for (const [number, atMs] of expected) expect(crossed.get(number)).toBeCloseTo(atMs, 4)
      }),
      { numRuns: 400 },
    )
  })

  it('keeps the order within a flow, and loses and invents no byte', () => {
    fc.assert(
      fc.property(story, (steps) => {
        const { order, line } = crossingsOf(steps)
        for (let flow = 0; flow < FLOWS; flow++) {
          const own = order.filter((number) => steps[number]?.flow === flow)
          expect(own).toEqual(own.toSorted((one, other) => one - other))
        }
        expect(line.totalBytes).toBe(order.reduce((sum, number) => sum + bytesOf(steps[number]), 0))
      }),
    )
  })

  it('takes the time of small messages from everybody', () => {
    const bytes = fc.integer({ min: 1_000, max: 5_000 })
    const charges = fc.array(fc.record({ atMs: fc.double({ min: 0, max: 9, noNaN: true }), bytes: fc.integer({ min: 1, max: 300 }) }))
    fc.assert(
      fc.property(fc.array(bytes, { minLength: 1, maxLength: FLOWS }), charges, (sizes, letters) => {
        const events = new EventQueue()
        const line = new Line<Item>(events, RATE)
        const ends: number[] = []
        for (const [number, size] of sizes.entries()) {
          line.enter(
            flowThat(() => ends.push(events.nowMs())),
            { number, bytes: size },
          )
        }
        for (const letter of letters) events.after(letter.atMs, () => line.charge(letter.bytes))
        events.run(1e6, () => false)
        const all = sum(sizes) + sum(letters.map((letter) => letter.bytes))
        expect(line.totalBytes).toBe(all)
        // All of the messages come while something is being sent, so the line is never idle before the end.
        expect(ends.at(-1)).toBeCloseTo((all * 1_000) / RATE, 5)
      }),
    )
  })

  it('lets small messages pass for nothing while nobody sends', () => {
    const events = new EventQueue()
    const line = new Line<Item>(events, RATE)
    line.charge(1_000)
    let endMs = 0
    events.after(5, () => {
      line.enter(
        flowThat(() => {
          endMs = events.nowMs()
        }),
        { number: 0, bytes: 100 },
      )
    })
    events.run(100, () => false)
    expect(endMs).toBeCloseTo(6, 9)
    expect(line.totalBytes).toBe(1_100)
  })

  it('serves what is sent at the moment when something crosses', () => {
    const events = new EventQueue()
    const line = new Line<Item>(events, RATE)
    const ends: number[] = []
    const flow = flowThat(({ number }) => {
      ends.push(events.nowMs())
      if (number < 3) line.enter(flow, { number: number + 1, bytes: 200 })
    })
    line.enter(flow, { number: 0, bytes: 100 })
    events.run(100, () => false)
    expect(ends.map((end) => Math.round(end * 1e6) / 1e6)).toEqual([1, 3, 5, 7])
  })
})

/** Lets `steps` happen on a real line; items are numbered as the steps are. */
function crossingsOf(steps: readonly Step[]): {
  readonly crossed: Map<number, number>
  readonly order: number[]
  readonly line: Line<Item>
} {
  const events = new EventQueue()
  const line = new Line<Item>(events, RATE)
  const crossed = new Map<number, number>()
  const order: number[] = []
  const flows = Array.from({ length: FLOWS }, () =>
    flowThat(({ number }) => {
      crossed.set(number, events.nowMs())
      order.push(number)
    }),
  )
  for (const [number, { atMs, flow, bytes }] of steps.entries()) {
    const target = flows[flow]
    if (target === undefined) continue
    events.after(atMs, () => (bytes === 'drop' ? line.drop(target) : line.enter(target, { number, bytes })))
  }
  events.run(1e6, () => false)
  return { crossed, order, line }
}

/** The same by going from each moment at which anything changes to the next, and giving everybody a share of the time between. */
function fluidCrossings(steps: readonly Step[]): Map<number, number> {
  const queues: { readonly number: number; left: number }[][] = Array.from({ length: FLOWS }, () => [])
  const crossed = new Map<number, number>()
  let nowMs = 0
  const passUntil = (endMs: number): void => {
    for (;;) {
      const heads = queues.flatMap(([head]) => (head === undefined ? [] : [head]))
      const share = RATE / 1_000 / heads.length
      const firstMs = nowMs + Math.min(...heads.map(({ left }) => left)) / share
      const untilMs = Math.min(firstMs, endMs)
      for (const head of heads) head.left -= (untilMs - nowMs) * share
      nowMs = Number.isFinite(untilMs) ? untilMs : nowMs
      if (firstMs > endMs || heads.length === 0) return
      for (const queue of queues) {
        const [head] = queue
        if (head === undefined || head.left > 1e-7) continue
        crossed.set(head.number, nowMs)
        queue.shift()
      }
    }
  }
  for (const [number, { atMs, flow, bytes }] of steps.entries()) {
    passUntil(atMs)
    nowMs = atMs
    if (bytes === 'drop') queues[flow] = []
    else queues[flow]?.push({ number, left: bytes })
  }
  passUntil(Number.POSITIVE_INFINITY)
  return crossed
}

function flowThat(onCrossed: (item: Item) => void): Flow<Item> {
  return { queue: [], finish: 0, isActive: false, onCrossed }
}

function inOrder(steps: readonly Step[]): Step[] {
  return steps.toSorted((one, other) => one.atMs - other.atMs)
}

function bytesOf(step: Step | undefined): number {
  return step === undefined || step.bytes === 'drop' ? 0 : step.bytes
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
