import { createHash } from 'node:crypto'
import { Bitfield } from '../../../src/base/bitfield.ts'
import { equalBytes } from '../../../src/base/bytes.ts'
import type { Clock } from '../../../src/base/clock.ts'
import { DistroError } from '../../../src/base/errors.ts'
import { BLOCK_BYTES } from '../../../src/base/units.ts'
import type { CommitResult, PieceStore } from '../../../src/swarm/piece-store.ts'
import { hashBlocks, raiseLayer } from '../../../src/torrent/merkle-tree.ts'
import type { MerkleTrees } from '../../../src/torrent/merkle-trees.ts'
import type { MemoryEarlierBlocks } from './memory-earlier-blocks.ts'
import type { TestTorrent } from './test-torrent.ts'

/** How a store differs from an honest one with plenty of room. */
export interface MemoryStoreOptions {
  /** Pieces that are here from the start. */
  readonly verified?: 'all' | 'none' | readonly number[]
  readonly slots?: number
  /** Changes the bytes that are read for others: a peer that lies. */
  readonly falsify?: (piece: number, begin: number, bytes: Uint8Array) => void
  readonly hashMs?: number
  /** Pieces are checked by these hashes (BEP 52), as far as they are known, and by SHA-1 otherwise. */
  readonly trees?: MerkleTrees
  readonly readMs?: number
  /** What is on the host elsewhere. */
  readonly earlier?: MemoryEarlierBlocks
}

/** A store in memory that hashes what comes and counts what is lent: every slot must come back, and none twice. */
export class MemoryStore implements PieceStore {
  readonly verified: Bitfield
  readonly carriesBytes = true
  readonly blockMemory: Uint8Array
  /** The whole torrent, as far as it is here. */
  readonly content: Uint8Array
  readonly slotCount: number
  /** Pieces in which reads fail. */
  readonly unreadable: Set<number> = new Set()
  readonly earlier: MemoryEarlierBlocks | undefined
  commits = 0
  corrupt = 0
  readonly #torrent: TestTorrent
  readonly #clock: Clock
  readonly #options: MemoryStoreOptions
  readonly #free: Set<number>

  constructor(clock: Clock, torrent: TestTorrent, options: MemoryStoreOptions = {}) {
    this.#clock = clock
    this.#torrent = torrent
    this.#options = options
    this.earlier = options.earlier
    this.slotCount = options.slots ?? 16
    this.blockMemory = new Uint8Array(this.slotCount * torrent.pieceLengthBytes)
    this.#free = new Set(Array.from({ length: this.slotCount }, (_, slot) => slot))
    this.verified = new Bitfield(torrent.pieceCount)
    this.content = new Uint8Array(torrent.content.length)
    const { verified = 'none' } = options
    const pieces =
      verified === 'all' ? Array.from({ length: torrent.pieceCount }, (_, piece) => piece) : verified === 'none' ? [] : verified
    for (const piece of pieces) {
      this.verified.add(piece)
      this.content.set(torrent.bytesOf(piece), piece * torrent.pieceLengthBytes)
    }
  }

  get freeSlots(): number {
    return this.#free.size
  }

  acquireSlot(): number {
    const [slot] = this.#free
    if (slot === undefined) return -1
    this.#free.delete(slot)
    return slot
  }

  slotOffset(slot: number): number {
    return slot * this.#torrent.pieceLengthBytes
  }

  releaseSlot(slot: number): void {
    if (this.#free.has(slot)) throw new DistroError('INTERNAL', `slot ${slot} was given back twice`)
    this.#free.add(slot)
  }

  commit(slot: number, piece: number, wantDigests: boolean, done: (result: CommitResult) => void): void {
    this.commits++
    const bytes = this.blockMemory.subarray(this.slotOffset(slot), this.slotOffset(slot) + this.#torrent.pieceBytes(piece))
    this.#clock.after(this.#options.hashMs ?? 1, () => {
      const { trees } = this.#options
      const merkleHash = trees?.hashOf(piece)
      const leaves = hashBlocks(bytes)
      const isRight =
        trees === undefined || merkleHash === undefined
          ? equalBytes(sha1(bytes), sha1(this.#torrent.bytesOf(piece)))
          : equalBytes(raiseLayer(leaves, 0, Math.log2(trees.leafCountOf(piece))), merkleHash)
      const digests = merkleHash === undefined ? digestsOf(bytes) : leaves
      if (isRight) this.content.set(bytes, piece * this.#torrent.pieceLengthBytes)
      else this.corrupt++
      this.releaseSlot(slot)
      done(isRight ? { kind: 'stored', blockDigests: wantDigests ? digests : undefined } : { kind: 'corrupt', blockDigests: digests })
    })
  }

  read(piece: number, begin: number, bodies: readonly Uint8Array[], done: (error: DistroError | undefined) => void): void {
    this.#clock.after(this.#options.readMs ?? 0.1, () => {
      let offset = begin
      for (const body of bodies) {
        const start = piece * this.#torrent.pieceLengthBytes + offset
        body.set(this.content.subarray(start, start + body.length))
        this.#options.falsify?.(piece, offset, body)
        offset += body.length
      }
      done(this.unreadable.has(piece) ? new DistroError('SOURCE_CHANGED', 'the file changed') : undefined)
    })
  }
}

function digestsOf(bytes: Uint8Array): Uint8Array {
  const count = Math.ceil(bytes.length / BLOCK_BYTES)
  const digests = new Uint8Array(count * 20)
  for (let block = 0; block < count; block++) digests.set(sha1(bytes.subarray(block * BLOCK_BYTES, (block + 1) * BLOCK_BYTES)), block * 20)
  return digests
}

function sha1(bytes: Uint8Array): Uint8Array {
  return createHash('sha1').update(bytes).digest()
}
