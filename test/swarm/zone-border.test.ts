import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { Bitfield } from '../../src/base/bitfield.ts'
import { ActivePiece } from '../../src/swarm/active-pieces.ts'
import { ZoneBorder } from '../../src/swarm/zone-border.ts'
import { weightSeed, zoneWeight } from '../../src/swarm/zone-weight.ts'
import { SeededRandom } from '../support/seeded-random.ts'
import { VirtualClock } from './support/virtual-clock.ts'

const PIECES = 200
const layout = {
  pieceCount: PIECES,
  blockLengthBytes: 16_384,
  pieceLengthBytes: 65_536,
  usualPieceBytes: 65_536,
  pieceBytes: () => 65_536,
  servedBytes: () => 65_536,
}
const ownId = new SeededRandom(1).bytes(20)

/** A peer as the border sees it. */
class Neighbour {
  readonly zone: { name: string; relation: 'same' | 'other' | 'unknown' }
  pieces = new Bitfield(PIECES)
  isUploadOnly = false
  isChoking = false
  isSnubbing = false
  amInterested = false
  readonly requests = { size: 0 }
  lastUsefulMs = 0
  bytesPerSecond = 0
  readonly downMeter = { bytesPerSecond: (): number => this.bytesPerSecond }
  readonly peerId: Uint8Array

  constructor(number: number, relation: 'same' | 'other' | 'unknown', name = relation as string) {
    this.zone = { name, relation }
    this.peerId = new SeededRandom(number * 7).bytes(20)
  }

  get seed(): number {
    return weightSeed(this.peerId)
  }
}

let clock: VirtualClock
let peers: Map<number, Neighbour>
let border: ZoneBorder

beforeEach(() => {
  clock = new VirtualClock()
  peers = new Map()
  border = new ZoneBorder(clock, layout, ownId, peers)
})

function join(peer: Neighbour, pieces: 'all' | readonly number[] = []): Neighbour {
  peers.set(peers.size + 1, peer)
  if (pieces === 'all') peer.pieces.fill()
  else for (const piece of pieces) peer.pieces.add(piece)
  border.onPieces(peer)
  return peer
}

function get(peer: Neighbour, piece: number): void {
  if (peer.pieces.add(piece)) border.onPiece(peer, piece)
}

async function pass(seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second++) {
    await clock.advance(1_000)
    border.onTick(clock.nowMs())
  }
}

/** How many of `mates` are meant for `piece` before us. */
function rankOf(mates: readonly Neighbour[], piece: number): number {
  const own = zoneWeight(weightSeed(ownId), piece)
  return mates.filter(({ seed }) => zoneWeight(seed, piece) > own).length
}

function begun(piece: number): ActivePiece {
  const active = new ActivePiece(piece, 0, 65_536, 16_384)
  active.ask(0, 1)
  return active
}

const allPieces = Array.from({ length: PIECES }, (_, piece) => piece)

describe('a border', () => {
  it('is open to our own zone and to peers that told none, and to everybody for a host that is alone in its zone', () => {
    const far = join(new Neighbour(2, 'other'), 'all')
    expect(border.isOpenTo(far)).toBe(true)
    const mate = join(new Neighbour(3, 'same'))
    expect([far, mate, new Neighbour(4, 'unknown')].map((peer) => border.isOpenTo(peer))).toEqual([false, true, true])
    border.onLeave(mate)
    expect(border.isOpenTo(far)).toBe(true)
  })

  it('lets in exactly the pieces that nobody of ours has and that we are meant for', () => {
    join(new Neighbour(2, 'other'), 'all')
    const mates = [3, 4, 5].map((number) => join(new Neighbour(number, 'same')))
    get(mates[0] as Neighbour, 7)
    for (const piece of allPieces) expect(border.mayBegin(piece)).toBe(piece !== 7 && rankOf(mates, piece) === 0)
  })

  it('lets each piece in by one host, whichever of the hosts of a zone one asks', () => {
    const ids = [11, 12, 13, 14, 15]
    const takers = allPieces.map(() => 0)
    for (const own of ids) {
      const view = new ZoneBorder(clock, layout, new Neighbour(own, 'same').peerId, peers)
      for (const other of ids) if (other !== own) view.onPieces(new Neighbour(other, 'same'))
      for (const piece of allPieces) if (view.mayBegin(piece)) takers[piece] = (takers[piece] as number) + 1
    }
    expect(new Set(takers)).toEqual(new Set([1]))
  })

  it('counts right whatever joins, gets, loses and leaves in whatever order', () => {
    const steps = fc.array(fc.tuple(fc.nat(5), fc.constantFrom('join', 'get', 'lose', 'leave', 'finish'), fc.nat(PIECES - 1)), {
      maxLength: 80,
    })
    fc.assert(
      fc.property(steps, (script) => {
        const view = new ZoneBorder(clock, layout, ownId, new Map())
        const mates = Array.from({ length: 6 }, (_, number) => new Neighbour(20 + number, 'same'))
        const here = new Set<Neighbour>()
        for (const [index, kind, piece] of script) {
          const mate = mates[index] as Neighbour
          if (kind === 'join') {
            here.add(mate)
            view.onPieces(mate)
          } else if (kind === 'leave' && here.delete(mate)) view.onLeave(mate)
          else if (kind === 'get' && mate.pieces.add(piece)) view.onPiece(mate, piece)
          else if (kind === 'lose' && mate.pieces.delete(piece)) view.onLostPiece(mate, piece)
          else if (kind === 'finish') {
            mate.isUploadOnly = true
            if (here.has(mate)) view.onPieces(mate)
          }
        }
        for (const piece of allPieces) {
          const lacking = [...here].filter((mate) => !mate.isUploadOnly && !mate.pieces.has(piece))
          const isHeld = [...here].some((mate) => mate.pieces.has(piece))
          expect(view.mayBegin(piece)).toBe(!isHeld && rankOf(lacking, piece) === 0)
        }
      }),
    )
  })

  it('believes a host of our zone that it wants nothing more, and not that it does again: each change costs a look at every piece', () => {
    const mates = [20, 21, 22].map((number) => join(new Neighbour(number, 'same')))
    const ranked = allPieces.filter((piece) => rankOf(mates, piece) === 1)
    for (const isUploadOnly of [true, false, true, false]) {
      for (const mate of mates) {
        mate.isUploadOnly = isUploadOnly
        border.onPieces(mate)
      }
      expect(ranked.every((piece) => border.mayBegin(piece))).toBe(true)
    }
    for (const mate of mates) border.onLeave(mate)
    expect(allPieces.every((piece) => border.mayBegin(piece))).toBe(true)
  })

  it('asks nobody abroad for the rest of a piece once a host of ours has it', () => {
    const far = join(new Neighbour(2, 'other'), 'all')
    const mate = join(new Neighbour(3, 'same'))
    border.onBegin(begun(9), far)
    expect([border.mayGoOn(9), border.mayGoOn(10)]).toEqual([true, false])
    get(mate, 9)
    expect(border.mayGoOn(9)).toBe(false)
  })

  it('keeps little under way from each zone, and more from one that gives fast', async () => {
    const far = join(new Neighbour(2, 'other', 'b'), 'all')
    const farther = join(new Neighbour(3, 'other', 'c'), 'all')
    join(new Neighbour(4, 'same'))
    for (let piece = 0; piece < 8; piece++) {
      expect(border.hasRoomFor(far)).toBe(true)
      border.onBegin(begun(piece), far)
    }
    expect([border.hasRoomFor(far), border.hasRoomFor(farther)]).toEqual([false, true])
    far.bytesPerSecond = 1_048_576
    await pass(1)
    expect(border.hasRoomFor(far)).toBe(true)
  })

  it('does not count what nobody is asked for any more', () => {
    const far = join(new Neighbour(2, 'other'), 'all')
    join(new Neighbour(4, 'same'))
    const pieces = allPieces.slice(0, 8).map(begun)
    for (const active of pieces) border.onBegin(active, far)
    pieces[0]?.unask(0)
    expect(border.hasRoomFor(far)).toBe(true)
  })
})

describe('a piece that does not come', () => {
  it('is let in by those meant for it next, twice as many after each time-out, and never while they have something else under way', async () => {
    const mates = Array.from({ length: 12 }, (_, number) => join(new Neighbour(30 + number, 'same')))
    const far = join(new Neighbour(2, 'other'), 'all')
    const openTo = (): number => Math.max(-1, ...allPieces.filter((piece) => border.mayBegin(piece)).map((piece) => rankOf(mates, piece)))
    expect(openTo()).toBe(0)
    await pass(2)
    expect(openTo()).toBe(1)
    await pass(2)
    expect(openTo()).toBe(3)
    await pass(4)
    expect(openTo()).toBe(12)
    const active = begun(allPieces.find((piece) => rankOf(mates, piece) > 0) as number)
    border.onBegin(active, far)
    expect(openTo()).toBe(0)
    border.onWhole(active)
    expect(openTo()).toBe(12)
  })

  it('is waited for the longer the slower pieces cross', async () => {
    const mates = Array.from({ length: 12 }, (_, number) => join(new Neighbour(30 + number, 'same')))
    const far = join(new Neighbour(2, 'other'), 'all')
    const active = begun(allPieces.find((piece) => rankOf(mates, piece) === 0) as number)
    border.onBegin(active, far)
    await pass(20)
    border.onWhole(active)
    await pass(59)
    const second = allPieces.find((piece) => rankOf(mates, piece) === 1) as number
    expect(border.mayBegin(second)).toBe(false)
    await pass(2)
    expect(border.mayBegin(second)).toBe(true)
  })

  it('is not waited for from the start, but from when it could be had', async () => {
    const mates = Array.from({ length: 12 }, (_, number) => join(new Neighbour(30 + number, 'same')))
    const far = join(new Neighbour(2, 'other'))
    await pass(100)
    const second = allPieces.find((piece) => rankOf(mates, piece) === 1) as number
    get(far, second)
    expect(border.mayBegin(second)).toBe(false)
    await pass(2)
    expect(border.mayBegin(second)).toBe(true)
  })
})

describe('a host of ours that says it has a piece', () => {
  it.each<[string, (mate: Neighbour) => void]>([
    ['lets us ask and does not answer', (mate) => (mate.requests.size = 1)],
    ['never lets us ask', (mate) => (mate.isChoking = true)],
  ])('and %s keeps it from us for ten seconds', async (_what, behave) => {
    const mate = join(new Neighbour(3, 'same'), 'all')
    mate.amInterested = true
    behave(mate)
    join(new Neighbour(2, 'other'), 'all')
    await pass(9)
    expect(border.mayBegin(0)).toBe(false)
    await pass(2)
    expect(border.mayBegin(0)).toBe(true)
    mate.lastUsefulMs = clock.nowMs() + 1
    await pass(1)
    expect(border.mayBegin(0)).toBe(false)
  })

  it('and was not asked for anything is believed', async () => {
    const mate = join(new Neighbour(3, 'same'), 'all')
    mate.amInterested = true
    await pass(60)
    expect(border.mayBegin(0)).toBe(false)
  })
})
