import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Bitfield } from '../../src/base/bitfield.ts'
import { SuperSeeder } from '../../src/swarm/super-seeder.ts'
import { SeededRandom } from '../support/seeded-random.ts'
import { World } from './support/world.ts'

/** A peer that notes what it is advised to take. */
class Listener {
  amChoking = false
  isSeed = false
  pieces: Bitfield | undefined
  bytesPerSecond = 0
  readonly suggested: number[] = []
  readonly upMeter = { bytesPerSecond: (): number => this.bytesPerSecond }
  readonly link: { peer: { supportsFast: boolean }; suggest(piece: number): void }

  constructor(supportsFast = true) {
    this.link = { peer: { supportsFast }, suggest: (piece) => this.suggested.push(piece) }
  }
}

const layoutOf = (pieceCount: number) => ({
  pieceCount,
  blockLengthBytes: 16_384,
  pieceLengthBytes: 65_536,
  usualPieceBytes: 65_536,
  pieceBytes: () => 65_536,
  servedBytes: () => 65_536,
})

describe('SuperSeeder', () => {
  it('advises no piece twice, to whomever and in whatever order peers come, ask and go on', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.array(fc.tuple(fc.nat(4), fc.boolean()), { maxLength: 200 }), (pieceCount, steps) => {
        const seeder = new SuperSeeder(layoutOf(pieceCount), new SeededRandom(pieceCount))
        const peers = Array.from({ length: 5 }, () => new Listener())
        for (const [index, takesUp] of steps) {
          const peer = peers[index] as Listener
          const next = peer.suggested.at(-1)
          if (takesUp && next !== undefined) seeder.onRequest(peer, next)
          else seeder.guide(peer)
        }
        const all = peers.flatMap(({ suggested }) => suggested)
        expect(new Set(all).size).toBe(all.length)
      }),
    )
  })

  it('advises the next piece as soon as one is taken up, and more ahead to a fast peer', () => {
    const seeder = new SuperSeeder(layoutOf(100), new SeededRandom(1))
    const slow = new Listener()
    const fast = new Listener()
    fast.bytesPerSecond = 8_000_000
    seeder.guide(slow)
    seeder.guide(fast)
    expect([slow.suggested.length, fast.suggested.length]).toEqual([16, 32])
    seeder.onRequest(slow, slow.suggested[0] as number)
    expect(slow.suggested.length).toBe(17)
  })

  it('gives what a peer did not take to others once it has left or was choked', () => {
    const seeder = new SuperSeeder(layoutOf(2), new SeededRandom(1))
    const leaving = new Listener()
    const staying = new Listener()
    seeder.guide(leaving)
    seeder.guide(staying)
    expect([leaving.suggested.length, staying.suggested.length]).toEqual([2, 0])
    seeder.release(leaving)
    seeder.guide(staying)
    expect(staying.suggested.toSorted()).toEqual(leaving.suggested.toSorted())
  })

  it('says nothing to peers that are choked, complete, or do not know suggestions', () => {
    const seeder = new SuperSeeder(layoutOf(10), new SeededRandom(1))
    const choked = Object.assign(new Listener(), { amChoking: true })
    const complete = Object.assign(new Listener(), { isSeed: true })
    const plain = new Listener(false)
    for (const peer of [choked, complete, plain]) seeder.guide(peer)
    expect([choked.suggested, complete.suggested, plain.suggested]).toEqual([[], [], []])
  })

  it('ends when every piece is out, and not because somebody claims to have everything', () => {
    const seeder = new SuperSeeder(layoutOf(10), new SeededRandom(1))
    const claimant = Object.assign(new Listener(), { isSeed: true })
    const everything = new Bitfield(10)
    everything.fill()
    seeder.onPieces(claimant, everything)
    for (let piece = 0; piece < 10; piece++) seeder.onHave(claimant, piece)
    const choked = Object.assign(new Listener(), { amChoking: true })
    for (let piece = 0; piece < 10; piece++) seeder.onRequest(choked, piece)
    expect(seeder.isDone).toBe(false)
    const peer = new Listener()
    seeder.guide(peer)
    expect(peer.suggested.length).toBe(10)
    for (const piece of peer.suggested) seeder.onRequest(peer, piece)
    expect(seeder.isDone).toBe(true)
  })

  it('believes what a peer has, and gets, from when it took something', () => {
    const seeder = new SuperSeeder(layoutOf(10), new SeededRandom(1))
    const taker = new Listener()
    taker.pieces = new Bitfield(10)
    for (const piece of [0, 1, 2]) taker.pieces.add(piece)
    seeder.onPieces(taker, taker.pieces)
    seeder.onRequest(taker, 3)
    seeder.onHave(taker, 4)
    const peer = new Listener()
    seeder.guide(peer)
    expect(peer.suggested.toSorted()).toEqual([5, 6, 7, 8, 9])
  })

  it('advises another piece to a peer that got one elsewhere', () => {
    const seeder = new SuperSeeder(layoutOf(100), new SeededRandom(1))
    const peer = new Listener()
    seeder.guide(peer)
    seeder.onHave(peer, peer.suggested[0] as number)
    expect(peer.suggested.length).toBe(17)
  })

  it('lets two origins share the work: they send little more than one copy together', async () => {
    const world = new World({ pieces: 256 })
    const seeds = [1, 2].map(() => world.seed({ uploadBytesPerSecond: 500_000 }))
    const leeches = Array.from({ length: 12 }, () => world.leech({ uploadBytesPerSecond: 2_000_000 }))
    world.introduceAll()
    expect(await world.completes(leeches, 120_000)).toBe(true)
    const size = world.torrent.content.length
    const copies = seeds.reduce((sum, seed) => sum + seed.swarm.status().uploadedBytes / size, 0)
    // The measured figures are 1.23; when each ended because the other was there they were 1.33 and 1.31.
    expect(copies).toBeLessThan(1.28)
    expect(Math.max(...leeches.map((leech) => leech.completedMs)) / (size / 1_000)).toBeLessThan(1.28)
  })

  it('lets an origin send little more than one copy to eight hosts with equal lines', async () => {
    const world = new World({ pieces: 512 })
    const seed = world.seed({ uploadBytesPerSecond: 2_000_000 })
    const leeches = Array.from({ length: 8 }, () => world.leech({ uploadBytesPerSecond: 2_000_000 }))
    world.introduceAll()
    expect(await world.completes(leeches, 120_000)).toBe(true)
    const oneCopyMs = world.torrent.content.length / 2_000
    expect(seed.swarm.status().uploadedBytes / world.torrent.content.length).toBeLessThan(1.25)
    expect(Math.max(...leeches.map((leech) => leech.completedMs)) / oneCopyMs).toBeLessThan(1.25)
  })
})
