import { describe, expect, it } from 'vitest'
import { type TurnSecond, WebSeedTurn } from '../../../src/swarm/web-seeds/web-seed-turn.ts'
import { SeededRandom } from '../../support/seeded-random.ts'

const quiet: TurnSecond = { hosts: 50, ownPieces: 0, heardPieces: 0, isStarving: false }

function turnsOf(count: number): WebSeedTurn[] {
  return Array.from({ length: count }, (_, seed) => new WebSeedTurn(new SeededRandom(seed + 1)))
}

function there(turns: readonly WebSeedTurn[]): WebSeedTurn[] {
  return turns.filter((turn) => turn.isOurs)
}

/** `seconds` at a server of 40 pieces a second that those whose turn it is share evenly, and of which everybody hears; who is there after each. */
function share(turns: readonly WebSeedTurn[], seconds: number): number[] {
  return Array.from({ length: seconds }, () => {
    const active = new Set(there(turns))
    for (const turn of turns) {
      const ownPieces = active.has(turn) ? 40 / active.size : 0
      turn.onSecond({ hosts: turns.length, ownPieces, heardPieces: active.size === 0 ? 0 : 40 - ownPieces, isStarving: false })
    }
    return there(turns).length
  })
}

describe('WebSeedTurn', () => {
  it('begins at once where hosts are few', () => {
    for (const turn of turnsOf(20)) {
      turn.begin(8)
      expect(turn.isOurs).toBe(true)
    }
  })

  it.each([50, 1_000])('lets about eight of %i hosts begin', (hosts) => {
    const turns = turnsOf(hosts)
    for (const turn of turns) turn.begin(hosts)
    expect(there(turns).length).toBeGreaterThan(1)
    expect(there(turns).length).toBeLessThan(20)
  })

  it('keeps about eight hosts there for as long as it takes', () => {
    const turns = turnsOf(200)
    for (const turn of turns) turn.begin(200)
    const counts = share(turns, 200).slice(10)
    expect(Math.min(...counts)).toBeGreaterThan(1)
    expect(counts.reduce((sum, count) => sum + count, 0) / counts.length).toBeGreaterThan(5)
    expect(counts.reduce((sum, count) => sum + count, 0) / counts.length).toBeLessThan(12)
  })

  it('sends most of them away when all are there', () => {
    const turns = turnsOf(100)
    for (const turn of turns) turn.begin(1)
    const [, , third = 0] = share(turns, 3)
    expect(third).toBeLessThan(25)
  })

  it('comes back within seconds when nothing is heard, however many hosts are said to be there', () => {
    for (const turn of turnsOf(20)) {
      let seconds = 0
      while (!turn.isOurs) {
        turn.onSecond({ ...quiet, hosts: 1_000 })
        seconds++
      }
      expect(seconds).toBeLessThanOrEqual(12)
    }
  })

  it('comes back when peers give nothing, whatever is heard', () => {
    const [turn] = turnsOf(1)
    for (let second = 0; second < 12; second++) turn?.onSecond({ ...quiet, hosts: 1_000, heardPieces: 40, isStarving: true })
    expect(turn?.isOurs).toBe(true)
  })

  it('stays with one that is alone, and with one that peers give nothing', () => {
    for (const [heardPieces, isStarving] of [
      [0, false],
      [400, true],
    ] as const) {
      for (const turn of turnsOf(10)) {
        turn.begin(1)
        for (let second = 0; second < 100; second++) turn.onSecond({ ...quiet, ownPieces: 4, heardPieces, isStarving })
        expect(turn.isOurs).toBe(true)
      }
    }
  })
})
