import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Timer } from '../../src/base/clock.ts'
import { EventQueue } from './event-queue.ts'

/** Calls planned at the beginning, or by an earlier one when it happens; each may cancel another when it happens itself. */
interface Plan {
  /** Small and whole, so that many fall together. */
  readonly delayMs: number
  /** The number of the call that plans this one, if it is an earlier one. */
  readonly planner: number
  readonly cancels: number
}

const planList = fc.array(
  fc.record({
    delayMs: fc.integer({ min: 0, max: 6 }),
    planner: fc.integer({ min: -40, max: 60 }),
    cancels: fc.integer({ min: -60, max: 60 }),
  }),
  { maxLength: 80 },
)

describe('the queue of events', () => {
  it('lets everything happen in the order of time, and of planning where times are equal, but for what was cancelled', () => {
    fc.assert(
      fc.property(planList, (plans) => {
        expect(storyOf(plans, [1e6])).toEqual(modelStory(plans))
      }),
      { numRuns: 300 },
    )
  })

  it('is the same queue whether time passes at once or bit by bit', () => {
    const ends = fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 8 })
    fc.assert(
      fc.property(planList, ends, (plans, stops) => {
        expect(storyOf(plans, [...stops.toSorted((one, other) => one - other), 1e6])).toEqual(modelStory(plans))
      }),
    )
  })

  it('holds more events than it had room for at first', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1e9, noNaN: true }), { minLength: 3_000, maxLength: 5_000 }), (times) => {
        const queue = new EventQueue()
        const seen: number[] = []
        for (const atMs of times) queue.plan(atMs, { happen: () => seen.push(queue.nowMs()) })
        queue.run(1e9, () => false)
        expect(seen).toEqual(times.toSorted((one, other) => one - other))
        expect(queue.happened).toBe(times.length)
      }),
      { numRuns: 5 },
    )
  })

  it('stops at the end of the time that it was given, and when it is told to', () => {
    const queue = new EventQueue()
    const seen: number[] = []
    for (const atMs of [1, 2, 3]) queue.after(atMs, () => seen.push(atMs))
    queue.run(2, () => false)
    expect([seen, queue.nowMs()]).toEqual([[1, 2], 2])
    queue.after(0.5, () => seen.push(2.5))
    queue.run(100, () => seen.length === 3)
    expect([seen, queue.nowMs()]).toEqual([[1, 2, 2.5], 2.5])
  })

  it('calls what is to come soon before time passes, and again and again at equal distances', () => {
    const queue = new EventQueue()
    const seen: string[] = []
    queue.after(0, () => seen.push('later'))
    queue.soon(() => queue.soon(() => seen.push('soon')))
    const timer = queue.every(10, () => seen.push(`at ${queue.nowMs()}`))
    queue.run(35, () => false)
    timer.cancel()
    queue.run(100, () => false)
    expect(seen).toEqual(['soon', 'later', 'at 10', 'at 20', 'at 30'])
  })
})

/** What happened when in the real queue. */
function storyOf(plans: readonly Plan[], ends: readonly number[]): string[] {
  const queue = new EventQueue()
  const timers = new Map<number, Timer>()
  const story: string[] = []
  const plan = (planner: number): void => {
    for (const [number, { delayMs, cancels }] of plans.entries()) {
      if (plannerOf(plans, number) !== planner) continue
      const happen = (): void => {
        story.push(`${number} at ${queue.nowMs()}`)
        plan(number)
        timers.get(cancels)?.cancel()
      }
      timers.set(number, queue.after(delayMs, happen))
    }
  }
  plan(-1)
  for (const end of ends) queue.run(end, () => false)
  return story
}

/** The same with an array that is sorted anew each time. */
function modelStory(plans: readonly Plan[]): string[] {
  let waiting: { readonly atMs: number; readonly order: number; readonly number: number }[] = []
  const story: string[] = []
  let order = 0
  const plan = (planner: number, nowMs: number): void => {
    for (const [number, { delayMs }] of plans.entries()) {
      if (plannerOf(plans, number) === planner) waiting.push({ atMs: nowMs + delayMs, order: order++, number })
    }
  }
  plan(-1, 0)
  for (;;) {
    waiting.sort((one, other) => one.atMs - other.atMs || one.order - other.order)
    const next = waiting.shift()
    if (next === undefined) return story
    story.push(`${next.number} at ${next.atMs}`)
    plan(next.number, next.atMs)
    waiting = waiting.filter(({ number }) => number !== plans[next.number]?.cancels)
  }
}

function plannerOf(plans: readonly Plan[], number: number): number {
  const planner = plans[number]?.planner ?? -1
  return planner >= 0 && planner < number ? planner : -1
}
