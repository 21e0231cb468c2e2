import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BLOCK_BYTES } from '../../src/base/units.ts'
import { ActivePiece, ActivePieces, BlockState } from '../../src/swarm/active-pieces.ts'

/** What may happen to a block, in an order that only a downloader would keep to. */
const step = fc.record({
  kind: fc.constantFrom('ask', 'ask', 'unask', 'arrive', 'arrive', 'breakOff', 'finish'),
  block: fc.nat(5),
  peer: fc.integer({ min: 1, max: 4 }),
})

describe('ActivePiece', () => {
  it('loses no block: each is missing, asked for, arriving or here, whatever happens', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 150, size: 'max' }), (steps) => {
        const active = new ActivePiece(3, 0, 5 * BLOCK_BYTES + 100, BLOCK_BYTES)
        expect(active.blockCount).toBe(6)
        const asked: number[] = Array(6).fill(0)
        for (const { kind, block, peer } of steps) {
          const state = active.states[block]
          if (kind === 'ask' && state === BlockState.missing) {
            active.ask(block, peer)
            asked[block] = peer
          } else if (kind === 'unask' && asked[block] !== 0) {
            expect(active.unask(block)).toBe(state === BlockState.requested)
            asked[block] = 0
          } else if (kind === 'arrive' && (state === BlockState.missing || state === BlockState.requested)) {
            if (asked[block] === peer) {
              active.asked[block] = 0
              asked[block] = 0
            }
            active.arrive(block, peer)
            expect(active.senders[block]).toBe(peer)
          } else if (kind === 'breakOff') active.breakOff(block)
          else if (kind === 'finish' && state === BlockState.arriving) active.finish(block)
          const states = [...active.states]
          expect(active.missingBlocks).toBe(states.filter((one) => one === BlockState.missing).length)
          expect(active.blocksHere).toBe(states.filter((one) => one === BlockState.here).length)
          const bytes = states.map((one, index) => (one === BlockState.here ? active.bytes(index) : 0))
          expect(active.bytesHere).toBe(bytes.reduce((sum, each) => sum + each))
          expect([...active.asked]).toEqual(asked)
          for (const [index, one] of states.entries()) {
            // Whatever is not on its way can be asked for, and nothing that is asked for is without somebody who was asked.
            if (one === BlockState.missing) expect(active.asked[index]).toBe(0)
            if (one === BlockState.requested) expect(active.asked[index]).toBeGreaterThan(0)
          }
          if (active.missingBlocks > 0) expect(active.firstMissing()).toBe(states.indexOf(BlockState.missing))
          expect(active.isIdle).toBe(states.every((one) => one === BlockState.missing || one === BlockState.here))
          expect(active.isWhole).toBe(states.every((one) => one === BlockState.here))
        }
      }),
    )
  })

  it('knows its blocks from bytes that overlap them', () => {
    const active = new ActivePiece(0, 0, BLOCK_BYTES + 100, BLOCK_BYTES)
    expect(active.isBlock(0, BLOCK_BYTES)).toBe(true)
    expect(active.isBlock(BLOCK_BYTES, 100)).toBe(true)
    for (const [begin, length] of [
      [0, 100],
      [1, BLOCK_BYTES],
      [BLOCK_BYTES, 101],
      [2 * BLOCK_BYTES, 100],
      [0, 0],
    ] as const) {
      expect(active.isBlock(begin, length)).toBe(false)
    }
  })

  it('asks for less of a block of which this host has the rest, and counts that once the block is here', () => {
    const active = new ActivePiece(0, 0, 2 * BLOCK_BYTES + 100, BLOCK_BYTES)
    active.narrow(1, 512, 1_024)
    active.narrow(2, 0, 0)
    expect([active.begin(1), active.bytes(1), active.wholeBytes(1)]).toEqual([BLOCK_BYTES + 512, 1_024, BLOCK_BYTES])
    expect([0, 1, 2].map((block) => active.isNarrowed(block))).toEqual([false, true, true])
    expect(active.isBlock(BLOCK_BYTES + 512, 1_024)).toBe(true)
    for (const [begin, length] of [
      [BLOCK_BYTES, BLOCK_BYTES],
      [BLOCK_BYTES + 512, 1_023],
      [BLOCK_BYTES, 1_536],
      [BLOCK_BYTES + 511, 1_025],
      [2 * BLOCK_BYTES, 100],
    ] as const) {
      expect(active.isBlock(begin, length)).toBe(false)
    }
    expect(active.earlierBytes).toBe(0)
    for (const [block, earlierBytes] of [
      [2, 100],
      [1, 100 + BLOCK_BYTES - 1_024],
      [0, 100 + BLOCK_BYTES - 1_024],
    ] as const) {
      active.arrive(block, 1)
      active.finish(block)
      expect(active.earlierBytes).toBe(earlierBytes)
    }
    expect([active.isWhole, active.bytesHere]).toEqual([true, 2 * BLOCK_BYTES + 100])
  })
})

describe('ActivePieces', () => {
  it('finds the idle piece that has least, and none among those that somebody gathers or was asked for', () => {
    const pieces = new ActivePieces()
    const [asked, full, empty] = [1, 2, 3].map((piece) => new ActivePiece(piece, piece, 2 * BLOCK_BYTES, BLOCK_BYTES)) as [
      ActivePiece,
      ActivePiece,
      ActivePiece,
    ]
    asked.ask(0, 1)
    full.arrive(0, 1)
    full.finish(0)
    pieces.add(asked)
    expect(pieces.idle()).toBe(undefined)
    pieces.add(full)
    expect(pieces.idle()).toBe(full)
    pieces.add(empty)
    expect(pieces.idle()).toBe(empty)
    pieces.delete(empty)
    expect(pieces.get(3)).toBe(undefined)
    expect([...pieces.values()]).toEqual([asked, full])
  })
})
