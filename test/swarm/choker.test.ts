import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Choker } from '../../src/swarm/choker.ts'
import { SeededRandom } from '../support/seeded-random.ts'

const SLOTS = 4

/** A peer as the choker sees it. */
class Candidate {
  isInterested = true
  amChoking = true
  isSnubbing = false
  unchokedMs = 0
  turnBytes = 0
  servedMs = 0
  connectedMs = 0
  down = 0
  up = 1_000
  readonly downMeter: { bytesPerSecond: () => number } = { bytesPerSecond: () => this.down }
  readonly upMeter: { bytesPerSecond: () => number } = { bytesPerSecond: () => this.up }
}

/** A choker with candidates, and time that passes second by second. */
class Room {
  readonly candidates: Candidate[] = []
  readonly choker: Choker<Candidate>
  nowMs = 0
  isSpreading = false

  constructor(count: number, isSeeding: boolean, seed = 1) {
    for (let index = 0; index < count; index++) this.candidates.push(new Candidate())
    const random = new SeededRandom(seed)
    this.choker = new Choker<Candidate>({
      slots: SLOTS,
      candidates: () => this.candidates,
      isSeeding: () => isSeeding,
      isSpreading: () => this.isSpreading,
      choke: (candidate) => {
        candidate.amChoking = true
      },
      unchoke: (candidate) => {
        candidate.amChoking = false
        candidate.unchokedMs = this.nowMs
        candidate.turnBytes = 0
      },
      below: (limit) => random.below(limit),
    })
  }

  get unchoked(): Candidate[] {
    return this.candidates.filter((candidate) => !candidate.amChoking)
  }

  passSeconds(seconds: number): void {
    for (let second = 0; second < seconds; second++) {
      this.nowMs += 1_000
      for (const candidate of this.unchoked) candidate.servedMs += 1_000
      this.choker.onTick(this.nowMs)
    }
  }
}

describe('Choker', () => {
  it('gives a free slot away at once, and takes it from whoever has lost interest', () => {
    const room = new Room(6, false)
    room.choker.onChange()
    expect(room.unchoked).toEqual(room.candidates.slice(0, SLOTS))
    const [first] = room.candidates as [Candidate]
    first.isInterested = false
    room.choker.onChange()
    expect(room.unchoked).toEqual(room.candidates.slice(1, SLOTS + 1))
  })

  it('lets everybody keep a slot while there are enough', () => {
    const room = new Room(SLOTS, true)
    room.passSeconds(300)
    expect(room.candidates.every((candidate) => candidate.servedMs >= 299_000)).toBe(true)
  })

  it.each([5, 6, 7, 10, 23])('lets %i peers take turns at a seed, for about as long each', (count) => {
    const room = new Room(count, true)
    room.passSeconds(2_000)
    const fair = (2_000_000 * SLOTS) / count
    for (const { servedMs } of room.candidates) {
      expect(servedMs).toBeGreaterThan(fair * 0.7)
      expect(servedMs).toBeLessThan(fair * 1.3)
    }
  })

  it('lets whoever takes well go on while there are pieces that nobody else has, but for one slot that goes round', () => {
    const room = new Room(3 * SLOTS, true)
    room.isSpreading = true
    room.passSeconds(21)
    const served = room.unchoked
    const [slow] = served as [Candidate]
    slow.up = 100
    room.passSeconds(10)
    expect(slow.amChoking).toBe(true)
    const kept = room.unchoked
    room.passSeconds(60)
    expect(room.unchoked.filter((candidate) => kept.includes(candidate)).length).toBeGreaterThanOrEqual(SLOTS - 1)
    expect(room.candidates.filter((candidate) => candidate.servedMs > 0).length).toBeGreaterThan(SLOTS + 5)
    // Nothing is rare any more: everybody has a turn.
    room.isSpreading = false
    for (const candidate of room.candidates) candidate.servedMs = 0
    room.passSeconds(120)
    expect(Math.min(...room.candidates.map((candidate) => candidate.servedMs))).toBeGreaterThan(15_000)
  })

  it('serves those that give most, and lets one slot go round', () => {
    const room = new Room(10, false)
    for (const [index, candidate] of room.candidates.entries()) candidate.down = index * 1_000
    room.passSeconds(1_000)
    const served = room.candidates.map(({ servedMs }) => servedMs)
    for (const servedMs of served.slice(7)) expect(servedMs).toBeGreaterThan(900_000)
    for (const servedMs of served.slice(0, 7)) expect(servedMs).toBeLessThan(400_000)
    // The optimistic slot changes every 30 s and finds each of the seven others at some time.
    expect(served.slice(0, 7).filter((servedMs) => servedMs > 0).length).toBe(7)
  })

  it('serves a peer that snubs us after all others', () => {
    const room = new Room(6, false)
    for (const candidate of room.candidates) candidate.down = 1_000
    const [snubbing] = room.candidates as [Candidate]
    snubbing.down = 1_000_000
    snubbing.isSnubbing = true
    room.passSeconds(1_000)
    expect(snubbing.servedMs).toBeLessThan(600_000)
  })

  it('never serves more than there are slots, never anybody without interest, and leaves no slot free while somebody waits', () => {
    const step = fc.record({
      index: fc.nat(9),
      isInterested: fc.boolean(),
      seconds: fc.nat(15),
      down: fc.nat(9_999),
      bytes: fc.nat(99_999_999),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: 'max' }), fc.boolean(), fc.nat(), (steps, isSeeding, seed) => {
        const room = new Room(10, isSeeding, seed)
        for (const { index, isInterested, seconds, down, bytes } of steps) {
          const candidate = room.candidates[index] as Candidate
          Object.assign(candidate, { isInterested, down, turnBytes: bytes })
          room.choker.onChange()
          room.passSeconds(seconds)
          const interested = room.candidates.filter((one) => one.isInterested).length
          expect(room.unchoked.length).toBe(Math.min(SLOTS, interested))
          expect(room.unchoked.every((one) => one.isInterested)).toBe(true)
        }
      }),
    )
  })
})
