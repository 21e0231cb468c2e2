import type { Bitfield } from '../../src/base/bitfield.ts'
import type { DistroError } from '../../src/base/errors.ts'
import type { CommitResult, PieceStore } from '../../src/swarm/piece-store.ts'
import type { EventQueue } from './event-queue.ts'
import type { SimulatedTorrent } from './simulated-torrent.ts'

/** The slots of a host, as in production, where they are 40 MiB. */
const SLOT_MEMORY_BYTES = 40 * 1_048_576
/** Time to hash and write: what a worker needs, and the way to it and back. */
const HASH_BYTES_PER_MS = 400_000
const HASH_HANDOVER_MS = 0.3
const DIGEST_BYTES = 20

/** What a false block is marked with; 0 is a right one. */
export type FalseMark = number

/**
 * A store in which no byte exists: it counts slots as the real one does, takes the time for hashing, and keeps one mark a block, which
 * tells a false block and who made it.
 */
export class CountingStore implements PieceStore {
  readonly verified: Bitfield
  readonly carriesBytes = false
  /** One mark a block, slot after slot. */
  readonly blockMemory: Uint8Array
  readonly #events: EventQueue
  readonly #torrent: SimulatedTorrent
  readonly #free: number[] = []
  readonly #blocksPerSlot: number
  isStopped = false

  /** `verified` is what is here from the start; it is kept up to date, so that a host that crashed can go on from it. */
  constructor(events: EventQueue, torrent: SimulatedTorrent, verified: Bitfield) {
    this.#events = events
    this.#torrent = torrent
    this.verified = verified
    const slots = Math.min(torrent.pieceCount, Math.max(2, Math.floor(SLOT_MEMORY_BYTES / torrent.pieceLengthBytes)))
    this.#blocksPerSlot = Math.ceil(torrent.pieceLengthBytes / torrent.blockLengthBytes)
    this.blockMemory = new Uint8Array(verified.isComplete ? 0 : slots * this.#blocksPerSlot)
    for (let slot = slots - 1; slot >= 0; slot--) this.#free.push(slot)
  }

  acquireSlot(): number {
    return this.#free.pop() ?? -1
  }

  slotOffset(slot: number): number {
    return slot * this.#blocksPerSlot * this.#torrent.blockLengthBytes
  }

  releaseSlot(slot: number): void {
    this.#free.push(slot)
  }

  commit(slot: number, piece: number, wantDigests: boolean, done: (result: CommitResult) => void): void {
    const blocks = Math.ceil(this.#torrent.pieceBytes(piece) / this.#torrent.blockLengthBytes)
    const marks = this.blockMemory.slice(slot * this.#blocksPerSlot, slot * this.#blocksPerSlot + blocks)
    const durationMs = HASH_HANDOVER_MS + this.#torrent.pieceBytes(piece) / HASH_BYTES_PER_MS
    this.#events.after(durationMs, () => {
      if (this.isStopped) return
      this.releaseSlot(slot)
      const isRight = marks.every((mark) => mark === 0)
      if (isRight) this.verified.add(piece)
      const digests = isRight && !wantDigests ? undefined : digestsOf(marks)
      done(isRight ? { kind: 'stored', blockDigests: digests } : { kind: 'corrupt', blockDigests: digests ?? digestsOf(marks) })
    })
  }

  read(_piece: number, _begin: number, _bodies: readonly Uint8Array[], done: (error: DistroError | undefined) => void): void {
    done(undefined)
  }
}

/** Twenty bytes a block that differ where the marks do. */
function digestsOf(marks: Uint8Array): Uint8Array {
  const digests = new Uint8Array(marks.length * DIGEST_BYTES)
  for (const [block, mark] of marks.entries()) digests.fill(mark, block * DIGEST_BYTES, (block + 1) * DIGEST_BYTES)
  return digests
}
