import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Bitfield } from '../../src/base/bitfield.ts'
import { PiecePicker } from '../../src/swarm/piece-picker.ts'
import { SeededRandom } from '../support/seeded-random.ts'

const PIECES = 12

/** The same choice, kept as plainly as can be. */
class NaivePicker {
  readonly availability: number[] = new Array<number>(PIECES).fill(0)
  readonly choice: Set<number> = new Set()

  rarest(offers: (piece: number) => boolean): number[] {
    const offered = [...this.choice].filter(offers)
    const least = Math.min(...offered.map((piece) => this.availability[piece] as number))
    return offered.filter((piece) => this.availability[piece] === least)
  }
}

const step = fc.record({
  kind: fc.constantFrom('add', 'remove', 'increase', 'decrease', 'increase', 'join', 'leave'),
  piece: fc.integer({ min: 0, max: PIECES - 1 }),
  others: fc.uniqueArray(fc.integer({ min: 0, max: PIECES - 1 }), { maxLength: PIECES }),
})

function fieldOf(pieces: readonly number[]): Bitfield {
  const field = new Bitfield(PIECES)
  for (const piece of pieces) field.add(piece)
  return field
}

/** All pieces of the choice in the order in which the picker would give them. */
function orderOf(picker: PiecePicker): number[] {
  const order: number[] = []
  picker.pick((piece) => {
    order.push(piece)
    return false
  }, false)
  return order
}

describe('PiecePicker', () => {
  it('agrees with a naive model after any sequence of changes', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120, size: 'max' }), fc.integer(), (steps, seed) => {
        const picker = new PiecePicker(PIECES, new SeededRandom(seed))
        const model = new NaivePicker()
        const joined: number[][] = []
        for (const { kind, piece, others } of steps) {
          const count = (pieces: readonly number[], change: 1 | -1): void => {
            for (const one of pieces) model.availability[one] = (model.availability[one] as number) + change
          }
          if (kind === 'add') {
            picker.add(piece)
            model.choice.add(piece)
          } else if (kind === 'remove') {
            picker.remove(piece)
            model.choice.delete(piece)
          } else if (kind === 'increase') {
            picker.increase(piece)
            count([piece], 1)
          } else if (kind === 'decrease' && (model.availability[piece] as number) > joined.filter((peer) => peer.includes(piece)).length) {
            picker.decrease(piece)
            count([piece], -1)
          } else if (kind === 'join') {
            picker.count(fieldOf(others), 1)
            joined.push(others)
            count(others, 1)
          } else if (kind === 'leave') {
            const gone = joined.shift() ?? []
            picker.count(fieldOf(gone), -1)
            count(gone, -1)
          }
          const order = orderOf(picker)
          expect(picker.size).toBe(model.choice.size)
          expect(order.toSorted((a, b) => a - b)).toEqual([...model.choice].toSorted((a, b) => a - b))
          const availability = order.map((one) => model.availability[one] as number)
          expect(availability).toEqual(availability.toSorted((a, b) => a - b))
          expect(order.map((one) => picker.availability(one))).toEqual(availability)
          const offers = (one: number): boolean => others.includes(one)
          const picked = picker.pick(offers, false)
          if (model.rarest(offers).length === 0) expect(picked).toBe(-1)
          else expect(model.rarest(offers)).toContain(picked)
          const among = picker.pickAmong([...others, PIECES], () => true)
          if (model.rarest(offers).length === 0) expect(among).toBe(-1)
          else expect(model.rarest(offers)).toContain(among)
          const hadBySomebody = (one: number): boolean => offers(one) && (model.availability[one] as number) > 0
          expect(picker.pick(offers, false, 1)).toBe(picker.pick(hadBySomebody, false))
        }
      }),
      { numRuns: 300 },
    )
  })

  it('picks each of the equally rare pieces about equally often, in whatever order they became rare', () => {
    const picks = new Array<number>(PIECES).fill(0)
    for (let seed = 0; seed < 3_000; seed++) {
      const picker = new PiecePicker(PIECES, new SeededRandom(seed))
      picker.addAll(Array.from({ length: PIECES }, (_, piece) => piece))
      picker.count(fieldOf([4, 5, 6, 7, 8, 9, 10, 11]), 1)
      for (const piece of [4, 5, 6]) picker.decrease(piece)
      const piece = picker.pick(() => true, false)
      picks[piece] = (picks[piece] as number) + 1
    }
    for (const count of picks.slice(0, 7)) expect(count).toBeGreaterThan(3_000 / 7 - 100)
    expect(picks.slice(7).every((count) => count === 0)).toBe(true)
  })

  it('picks each of the equally rare among a few about equally often', () => {
    const picks = new Array<number>(PIECES).fill(0)
    const picker = new PiecePicker(PIECES, new SeededRandom(1))
    picker.addAll([1, 2, 3, 4, 5])
    picker.increase(1)
    for (let draw = 0; draw < 3_000; draw++) {
      const piece = picker.pickAmong([1, 2, 3, 4], (one) => one !== 4)
      picks[piece] = (picks[piece] as number) + 1
    }
    expect((picks[2] as number) + (picks[3] as number)).toBe(3_000)
    expect(Math.abs((picks[2] as number) - 1_500)).toBeLessThan(150)
  })

  it('picks any offered piece when rarity does not matter', () => {
    const seen = new Set<number>()
    for (let seed = 0; seed < 200; seed++) {
      const picker = new PiecePicker(PIECES, new SeededRandom(seed))
      picker.addAll([1, 2, 3, 4])
      picker.increase(4)
      seen.add(picker.pick((piece) => piece !== 2, true))
    }
    expect([...seen].toSorted((a, b) => a - b)).toEqual([1, 3, 4])
  })

  it('grows its version when a piece is put back, and not when one is put in twice', () => {
    const picker = new PiecePicker(PIECES, new SeededRandom(1))
    picker.add(3)
    const { version } = picker
    picker.add(3)
    expect(picker.version).toBe(version)
    picker.remove(3)
    picker.add(3)
    expect(picker.version).toBeGreaterThan(version)
  })

  it('counts no peer that has nothing, and never below zero', () => {
    const picker = new PiecePicker(PIECES, new SeededRandom(1))
    picker.add(0)
    picker.decrease(0)
    picker.count(fieldOf([]), -1)
    expect(picker.availability(0)).toBe(0)
    expect(picker.pick(() => true, false)).toBe(0)
  })
})
