import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Bitfield } from '../../src/base/bitfield.ts'
import { BLOCK_BYTES } from '../../src/base/units.ts'
import { Downloader } from '../../src/swarm/downloader.ts'
import { Peer } from '../../src/swarm/peer.ts'
import { SeededRandom } from '../support/seeded-random.ts'
import { MemoryLink } from './support/memory-link.ts'
import { MemoryStore } from './support/memory-store.ts'
import { TestTorrent } from './support/test-torrent.ts'
import { Uplink } from './support/uplink.ts'
import { VirtualClock } from './support/virtual-clock.ts'

const PIECES = 6
const torrent = new TestTorrent(PIECES * 2 * BLOCK_BYTES - 99, 2 * BLOCK_BYTES)

/** A downloader among peers whose every message the test invents. */
class Bench {
  readonly clock = new VirtualClock()
  readonly peers = new Map<number, Peer>()
  readonly have = new Bitfield(PIECES)
  readonly wanted = new Bitfield(PIECES)
  readonly store: MemoryStore
  readonly downloader: Downloader
  #number = 0

  constructor(seed: number, slots: number) {
    this.store = new MemoryStore(this.clock, torrent, { slots })
    this.wanted.fill()
    this.wanted.delete(PIECES - 2)
    this.downloader = new Downloader({
      clock: this.clock,
      random: new SeededRandom(seed),
      layout: torrent,
      store: this.store,
      have: this.have,
      wanted: this.wanted,
      sources: this.peers,
      events: {
        onPiece: (piece) => {
          this.have.add(piece)
          for (const peer of this.peers.values()) if (peer.pieces?.has(piece) === true) peer.interestingPieces--
        },
        onCorruptPiece: () => undefined,
        onGuilty: () => undefined,
        onDoubt: () => undefined,
        onFailed: () => undefined,
      },
    })
  }

  join(pieces: readonly number[]): void {
    const number = ++this.#number
    const handshake = {
      infoHash: torrent.infoHash,
      peerId: new Uint8Array(20),
      supportsFast: true,
      supportsExtensions: true,
      supportsDht: false,
      supportsV2: false,
    }
    const end = { address: { host: `10.0.0.${number}`, port: 1 }, handshake, uplink: new Uplink(this.clock, Number.POSITIVE_INFINITY) }
    const [link] = MemoryLink.pair(this.clock, 1, end, end)
    const peer = new Peer(number, link, 'static', this.clock)
    this.peers.set(number, peer)
    this.downloader.noteSender(number, `10.0.0.${number}`)
    peer.pieces = new Bitfield(PIECES)
    for (const piece of pieces) peer.pieces.add(piece)
    this.downloader.addPieces(peer, peer.pieces)
    peer.amInterested = true
  }

  leave(peer: Peer): void {
    peer.isClosed = true
    this.peers.delete(peer.number)
    this.downloader.removePeer(peer)
  }

  /** All requests under way, oldest first. */
  requestsOf(peer: Peer): { piece: number; block: number }[] {
    return Array.from({ length: peer.requests.size }, (_, position) => ({
      piece: peer.requests.pieceAt(position),
      block: peer.requests.blockAt(position),
    }))
  }

  check(): void {
    const asked = new Map<string, number>()
    for (const peer of this.peers.values()) {
      const requests = this.requestsOf(peer)
      // A request that the ring holds twice would be found once only.
      expect(requests.length).toBe(peer.requests.size)
      for (const { piece, block } of requests) {
        asked.set(`${piece}:${block}`, (asked.get(`${piece}:${block}`) ?? 0) + 1)
        expect(this.have.has(piece)).toBe(false)
        expect(this.wanted.has(piece)).toBe(true)
      }
      const interesting = [...(peer.pieces?.members() ?? [])].filter((piece) => this.wanted.has(piece) && !this.have.has(piece))
      expect(peer.interestingPieces).toBe(interesting.length)
      if (peer.driving !== undefined) expect(peer.driving.driver).toBe(peer)
      // Its silence grows while something is asked of it, and at no other time.
      const nowMs = this.clock.nowMs()
      const grows = peer.silence.ms(nowMs + 1) > peer.silence.ms(nowMs)
      if (peer.arriving === undefined) expect(grows).toBe(requests.length > 0)
    }
    // Never two peers for one block at the same time.
    for (const times of asked.values()) expect(times).toBe(1)
  }

  /** Every peer with what is missing is asked for something, unless somebody else is asked for all that it has. */
  async finish(): Promise<void> {
    this.join([0, 1, 2, 3, 4, 5])
    const last = this.peers.get(this.#number) as Peer
    for (const peer of [...this.peers.values()]) if (peer !== last) this.leave(peer)
    last.isChoking = false
    for (let round = 0; round < 200 && !this.downloader.isComplete; round++) {
      this.downloader.fill(last)
      for (const { piece, block } of this.requestsOf(last)) this.deliver(last, piece, block)
      await this.clock.advance(10)
    }
  }

  deliver(peer: Peer, piece: number, block: number): void {
    const begin = block * BLOCK_BYTES
    const bytes = torrent.bytesOf(piece).subarray(begin, begin + BLOCK_BYTES)
    const offset = this.downloader.onBlockStart(peer, piece, begin, bytes.length)
    if (offset >= 0) this.store.blockMemory.set(bytes, offset)
    this.downloader.onBlockEnd(peer, bytes.length)
  }
}

const step = fc.record({
  kind: fc.constantFrom(
    'join',
    'leave',
    'choke',
    'chokeFast',
    'unchoke',
    'unchoke',
    'have',
    'dontHave',
    'deliver',
    'deliver',
    'deliver',
    'begin',
    'junk',
    'reject',
    'pass',
    'late',
  ),
  who: fc.nat(9),
  piece: fc.nat(PIECES - 1),
  pieces: fc.uniqueArray(fc.nat(PIECES - 1)),
})

describe('Downloader', () => {
  it('keeps its books right and always completes, whatever peers do', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 100, size: 'max' }), fc.nat(), fc.constantFrom(1, 2, 8), async (steps, seed, slots) => {
        const bench = new Bench(seed, slots)
        const { downloader } = bench
        for (const { kind, who, piece, pieces } of steps) {
          const all = [...bench.peers.values()]
          const peer = all[who % Math.max(1, all.length)]
          if (kind === 'join' || peer === undefined) {
            if (all.length < 6) bench.join(pieces)
          } else if (kind === 'leave') bench.leave(peer)
          else if (kind === 'choke') {
            peer.isChoking = true
            downloader.releaseRequests(peer)
          } else if (kind === 'chokeFast') {
            peer.isChoking = true
            downloader.leaveOff(peer)
            for (const one of bench.requestsOf(peer)) downloader.onReject(peer, one.piece, one.block * BLOCK_BYTES)
          } else if (kind === 'unchoke') {
            peer.isChoking = false
            peer.exhaustedAt = -1
            downloader.fill(peer)
          } else if (kind === 'have') {
            if (peer.pieces?.add(piece) === true) downloader.addPiece(peer, piece)
            downloader.fill(peer)
          } else if (kind === 'dontHave') {
            if (peer.pieces?.delete(piece) === true) downloader.removePiece(peer, piece)
          } else if (peer.arriving !== undefined) {
            // A peer that began a block says nothing else before its end.
            downloader.onBlockEnd(peer, BLOCK_BYTES)
          } else if (kind === 'deliver' || kind === 'begin') {
            const [first] = bench.requestsOf(peer)
            if (first !== undefined && kind === 'deliver') bench.deliver(peer, first.piece, first.block)
            else if (first !== undefined) {
              const begin = first.block * BLOCK_BYTES
              const bytes = torrent.bytesOf(first.piece).subarray(begin, begin + BLOCK_BYTES)
              const offset = downloader.onBlockStart(peer, first.piece, begin, bytes.length)
              if (offset >= 0) bench.store.blockMemory.set(bytes, offset)
            }
          } else if (kind === 'junk') {
            downloader.onBlockStart(peer, piece, who * 5_000, BLOCK_BYTES)
            downloader.onBlockEnd(peer, BLOCK_BYTES)
          } else if (kind === 'reject') downloader.onReject(peer, piece, 0)
          else await bench.clock.advance(kind === 'late' ? 21_000 : 100)
          if (kind === 'late') downloader.check(bench.clock.nowMs(), bench.peers.values())
          bench.check()
        }
        await bench.finish()
        expect(downloader.isComplete).toBe(true)
        await bench.clock.advance(100)
        downloader.stop()
        expect(bench.store.freeSlots).toBe(slots)
        for (const piece of bench.wanted.members()) expect(bench.have.has(piece)).toBe(true)
      }),
      { numRuns: 150 },
    )
  })

  it('looks for another piece to begin only when a peer got one that may be begun', () => {
    const bench = new Bench(1, 8)
    bench.join([0])
    const [peer] = [...bench.peers.values()] as [Peer]
    peer.isChoking = false
    bench.downloader.fill(peer)
    const { exhaustedAt } = peer
    expect([peer.requests.size, exhaustedAt]).not.toEqual([2, -1])
    for (const piece of [0, PIECES - 2]) {
      bench.downloader.removePiece(peer, piece)
      bench.downloader.addPiece(peer, piece)
      expect(peer.exhaustedAt).toBe(exhaustedAt)
    }
    bench.downloader.addPiece(peer, 1)
    expect(peer.exhaustedAt).toBe(-1)
  })

  it('looks at no other pieces of a peer that chokes us than at those that it may give all the same', () => {
    const bench = new Bench(1, 8)
    bench.join([0, 1, 2, 3, 5])
    const [peer] = [...bench.peers.values()] as [Peer]
    const asked: number[] = []
    peer.canGive = (piece) => {
      asked.push(piece)
      return Peer.prototype.canGive.call(peer, piece)
    }
    peer.allowedFast.push(4, 3, PIECES)
    bench.downloader.fill(peer)
    expect(new Set(asked)).toEqual(new Set([3]))
    expect(bench.requestsOf(peer)).toEqual([
      { piece: 3, block: 0 },
      { piece: 3, block: 1 },
    ])
  })

  it('takes what a peer advised before what others left behind, because nobody else has it', () => {
    const bench = new Bench(1, 8)
    bench.join([0])
    bench.join([0, 1, 2, 3, 4, 5])
    const [leaver, origin] = [...bench.peers.values()] as [Peer, Peer]
    leaver.isChoking = false
    bench.downloader.fill(leaver)
    leaver.isChoking = true
    bench.downloader.releaseRequests(leaver)
    origin.suggestions.push(0, 3)
    origin.isChoking = false
    bench.downloader.fill(origin)
    expect(
      bench
        .requestsOf(origin)
        .slice(0, 4)
        .map(({ piece }) => piece),
    ).toEqual([3, 3, 0, 0])
  })

  it('holds no time against a peer whose answer to the last request came too late to be of use', () => {
    const bench = new Bench(1, 8)
    bench.join([0])
    bench.join([0])
    const [late, quick] = [...bench.peers.values()] as [Peer, Peer]
    late.isChoking = false
    bench.downloader.fill(late)
    late.isChoking = true
    bench.downloader.releaseRequests(late)
    quick.isChoking = false
    bench.downloader.fill(quick)
    bench.deliver(quick, 0, 1)
    expect(bench.requestsOf(quick)).toEqual([{ piece: 0, block: 0 }])
    bench.downloader.onBlockStart(late, 0, 0, BLOCK_BYTES)
    bench.downloader.onBlockStart(quick, 0, 0, BLOCK_BYTES)
    bench.check()
  })

  it('remembers a peer that left as long as something that it sent is being gathered, and no longer', async () => {
    const bench = new Bench(1, 8)
    bench.join([0])
    const [sender] = [...bench.peers.values()] as [Peer]
    sender.isChoking = false
    bench.downloader.fill(sender)
    bench.deliver(sender, 0, 0)
    bench.leave(sender)
    for (let visitor = 0; visitor < 50; visitor++) {
      bench.join([])
      bench.leave([...bench.peers.values()].at(-1) as Peer)
    }
    expect(bench.downloader.sendersKnown).toBe(51)
    bench.downloader.check(bench.clock.nowMs(), bench.peers.values())
    expect(bench.downloader.sendersKnown).toBe(1)
    await bench.finish()
    bench.downloader.check(bench.clock.nowMs(), bench.peers.values())
    expect(bench.downloader.sendersKnown).toBe(1)
  })
})
