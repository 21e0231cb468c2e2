import { describe, expect, it } from 'vitest'
import { BLOCK_BYTES } from '../../src/base/units.ts'
import { World } from './support/world.ts'

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, index) => from + index)

describe('a swarm with faulty peers', () => {
  it.each([
    ['begins a byte late', 1, 0],
    ['is a byte short', 0, -1],
    ['begins in the next piece', 4 * BLOCK_BYTES, 0],
  ])('asks again for a block whose answer %s', async (_, shift, growth) => {
    const world = new World({ pieces: 4 })
    let answers = 0
    const peer = world.scriptedSeed(
      {},
      {
        answer: (self, piece, begin, length) => {
          if (++answers === 3) self.link.sendBlock(piece, begin + shift, length + growth, new Uint8Array(length + growth))
          else world.serve(self, piece, begin, length)
        },
      },
    )
    const leech = world.leech()
    leech.meets(peer)
    expect(await world.completes([leech])).toBe(true)
    expect(leech.isIntact).toBe(true)
    expect(leech.swarm.status().wastedBytes).toBeGreaterThan(0)
  })

  it('drops none of thirty honest peers for being slow when it is itself that reads slowly', async () => {
    const world = new World({ pieces: 64, pieceBytes: 2 * BLOCK_BYTES })
    const leech = world.leech({ downLimit: 8_000 })
    const seeds = range(0, 30).map(() => world.seed())
    leech.meets(...seeds)
    expect(await world.completes([leech], 400_000)).toBe(true)
    const whileFetching = leech.peerEvents.filter(({ kind, reason }) => kind === 'disconnected' && reason !== 'both have everything')
    expect(whileFetching.map(({ reason }) => reason)).toEqual([])
  })

  it.each([
    ['with', true],
    ['without', false],
  ])('goes on after being choked and unchoked in the middle, %s the fast extension', async (_, supportsFast) => {
    const world = new World({ pieces: 16 })
    let answers = 0
    const peer = world.scriptedSeed(
      { supportsFast },
      {
        answer: (self, piece, begin, length) => {
          answers++
          if (answers % 20 === 0) {
            self.link.choke()
            self.isUnchoked = false
            world.clock.after(300, () => self.link.unchoke())
            if (supportsFast) self.link.reject(piece, begin, length)
          } else if (answers % 20 > 10 && supportsFast) self.link.reject(piece, begin, length)
          else if (answers % 20 <= 10) world.serve(self, piece, begin, length)
          else if (!supportsFast) world.serve(self, piece, begin, length)
        },
      },
    )
    const leech = world.leech({ supportsFast })
    leech.meets(peer)
    expect(await world.completes([leech])).toBe(true)
    expect(leech.isIntact).toBe(true)
    expect(await world.leftBehind()).toEqual([])
  })

  it.each([
    ['with', true],
    ['without', false],
  ])('fetches from others at once what a peer held that choked us for ever, %s the fast extension', async (_, supportsFast) => {
    const world = new World({ pieces: 16 })
    let answers = 0
    const choker = world.scriptedSeed(
      { supportsFast },
      {
        answer: (self, piece, begin, length) => {
          if (++answers < 10) world.serve(self, piece, begin, length)
          else if (answers === 10) self.link.choke()
          if (answers >= 10 && supportsFast) self.link.reject(piece, begin, length)
        },
      },
    )
    const seed = world.seed({ supportsFast, uploadBytesPerSecond: 2_000_000 })
    const leech = world.leech({ supportsFast })
    leech.meets(choker, seed)
    expect(await world.completes([leech])).toBe(true)
    expect(leech.isIntact).toBe(true)
    expect(leech.completedMs).toBeLessThan(2_000)
  })

  it('fetches at once from others the block in whose middle a peer left', async () => {
    const world = new World({ pieces: 8 })
    const quitter = world.scriptedSeed(
      {},
      {
        answer: (self, piece, begin, length) => {
          self.link.sendBlockHeader(piece, begin, length)
          self.link.close('leaves in the middle')
        },
      },
    )
    const seed = world.seed()
    const leech = world.leech()
    leech.meets(quitter, seed)
    expect(await world.completes([leech])).toBe(true)
    expect(leech.isIntact).toBe(true)
    expect(leech.completedMs).toBeLessThan(1_000)
    expect(await world.leftBehind()).toEqual([])
  })

  it('completes with two slots', async () => {
    const world = new World({ pieces: 24 })
    const seeds = [world.seed(), world.seed(), world.seed({ verified: range(0, 12) })]
    const leech = world.leech({ slots: 2 })
    leech.meets(...seeds)
    expect(await world.completes([leech])).toBe(true)
    expect(leech.isIntact).toBe(true)
    expect(await world.leftBehind()).toEqual([])
  })

  it('does not let a peer that begins pieces and then chokes for ever hold all slots', async () => {
    const world = new World({ pieces: 24 })
    const held = new Set<number>()
    const holder = world.scriptedSeed(
      {},
      {
        pieces: [0, 1, 2, 3],
        answer: (self, piece, begin, length) => {
          if (!held.has(piece)) world.serve(self, piece, begin, length)
          else self.link.reject(piece, begin, length)
          held.add(piece)
          if (held.size === 2) self.link.choke()
        },
      },
    )
    const leech = world.leech({ slots: 2 })
    leech.meets(holder)
    await world.clock.until(() => held.size === 2, 5_000)
    const seed = world.seed({ verified: range(4, 24) })
    leech.meets(seed)
    await world.clock.until(() => leech.pieceTimes.size === 20, 20_000)
    expect(leech.pieceTimes.size).toBe(20)
    const rest = world.seed({ verified: range(0, 4) })
    leech.meets(rest)
    expect(await world.completes([leech])).toBe(true)
    expect(await world.leftBehind()).toEqual([])
  })

  it('gives up on a peer that is silent, and completes without it', async () => {
    const world = new World({ pieces: 8 })
    const silent = world.scriptedSeed({}, { answer: () => undefined })
    const leech = world.leech()
    leech.meets(silent)
    await world.clock.until(() => silent.requests.length > 0, 1_000)
    const seed = world.seed()
    leech.meets(seed)
    expect(await world.completes([leech], 25_000)).toBe(true)
    await world.clock.advance(70_000)
    expect(silent.isConnected).toBe(false)
  })

  it('drops a peer that has everything and never sends any of it within 65 s', async () => {
    const world = new World({ pieces: 8 })
    const silent = world.scriptedSeed({}, { answer: () => undefined })
    const leech = world.leech()
    leech.meets(silent)
    expect(await world.clock.until(() => silent.closeReason !== undefined, 65_000)).toBe(true)
    expect(silent.closeReason).toBe('the peer closed the connection')
    expect(leech.peerEvents.at(-1)?.reason).toBe('sent nothing useful in 60 s')
  })

  it('does not count the time in which nothing was asked of a peer that then is slow to begin', async () => {
    const world = new World({ pieces: 8 })
    let answersFromMs = 0
    const sleeper = world.scriptedSeed(
      {},
      {
        pieces: [],
        answer: (...request) => void world.clock.after(answersFromMs - world.clock.nowMs(), () => world.serve(...request)),
      },
    )
    const leech = world.leech()
    leech.meets(sleeper)
    await world.clock.advance(100_000)
    answersFromMs = world.clock.nowMs() + 40_000
    for (let piece = 0; piece < world.torrent.pieceCount; piece++) sleeper.link.have(piece)
    expect(await world.completes([leech])).toBe(true)
    expect(world.network.connections).toHaveLength(1)
  })

  it('drops a peer that drips a block byte by byte, and fetches it elsewhere', async () => {
    const world = new World({ pieces: 8 })
    let answers = 0
    const dripper = world.scriptedSeed(
      {},
      {
        answer: (self, piece, begin, length) => {
          if (++answers === 1) self.link.sendBlockHeader(piece, begin, length)
        },
      },
    )
    const seed = world.seed({ uploadBytesPerSecond: 200_000 })
    const leech = world.leech()
    leech.meets(dripper, seed)
    expect(await world.completes([leech], 25_000)).toBe(true)
    expect(leech.isIntact).toBe(true)
    expect(leech.peerEvents.some((event) => event.reason === 'a block did not end in time')).toBe(true)
  })

  it('does not serve, and does not lose, a piece that cannot be read any more', async () => {
    const world = new World({ pieces: 8 })
    const seed = world.seed()
    seed.store.unreadable.add(5)
    const told: string[] = []
    seed.swarm.events.on('unreadable', (error) => told.push(error.code))
    const leech = world.leech()
    leech.meets(seed)
    await world.clock.until(() => leech.pieceTimes.size === 7, 5_000)
    await world.clock.advance(5_000)
    expect(leech.pieceTimes.has(5)).toBe(false)
    expect(told).toEqual(['SOURCE_CHANGED'])
    const other = world.seed()
    leech.meets(other)
    expect(await world.completes([leech])).toBe(true)
    expect(leech.isIntact).toBe(true)
  })

  it('answers no reads of a peer that left in the middle of them, and gives its batches to others', async () => {
    const world = new World({ pieces: 32 })
    const seed = world.seed({ readMs: 500 })
    const quitters = range(0, 20).map(() => world.scriptedSeed({}, { pieces: [] }))
    for (const quitter of quitters) seed.meets(quitter)
    await world.clock.advance(100)
    for (const quitter of quitters) {
      quitter.link.interested()
      for (let block = 0; block < 64; block++) quitter.link.request(block >> 2, (block & 3) * BLOCK_BYTES, BLOCK_BYTES)
    }
    await world.clock.advance(200)
    for (const quitter of quitters) quitter.link.close('leaves')
    const leech = world.leech()
    leech.meets(seed)
    expect(await world.completes([leech])).toBe(true)
    expect(await world.leftBehind()).toEqual([])
  })
})
