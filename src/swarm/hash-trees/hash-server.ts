import type { Clock } from '../../base/clock.ts'
import type { RateLimit } from '../../base/rate-limit.ts'
import type { HashRequest } from '../../torrent/hash-request.ts'
import { LIMITS } from '../limits.ts'
import type { Peer } from '../peer.ts'
import type { TorrentSession } from '../torrent-session.ts'
import { LeafReader } from './leaf-reader.ts'

const PERIOD_MS = 60_000
/** A request costs as much as so many bytes beside what the answer has, so that many small ones count too. */
const REQUEST_COST_BYTES = 256

/** What serving works with. */
export interface HashServerParts {
  readonly clock: Clock
  /** What we send at most; hashes count like blocks. */
  readonly upLimit: RateLimit
  torrent(): TorrentSession | undefined
}

/** What a peer had of us in the minute since `sinceMs`. */
interface Use {
  sinceMs: number
  answerBytes: number
  readBytes: number
}

/** A request for which a piece has to be read. */
interface LeafRequest {
  readonly peer: Peer
  readonly request: HashRequest
  readonly piece: number
}

/**
 * Gives peers the hashes that they ask for (BEP 52), or refuses. Those from the pieces up are at hand; for those of the blocks in a piece
 * it is read and hashed, one piece at a time and within bounds for each peer and for all of them.
 */
export class HashServer {
  readonly #parts: HashServerParts
  readonly #uses = new WeakMap<Peer, Use>()
  #allReads: Use = { sinceMs: Number.NEGATIVE_INFINITY, answerBytes: 0, readBytes: 0 }
  #queue: LeafRequest[] = []
  #reader: LeafReader | undefined

  constructor(parts: HashServerParts) {
    this.#parts = parts
  }

  onRequest(peer: Peer, request: HashRequest): void {
    const torrent = this.#parts.torrent()
    const piece = torrent?.trees?.pieceBelow(request)
    if (torrent === undefined || !this.#mayServe(peer)) reject(peer, request)
    else if (piece === undefined) this.#answer(peer, request, torrent.trees?.answer(request))
    else if (this.#mayRead(peer, piece, torrent)) {
      this.#queue.push({ peer, request, piece })
      this.#readNext()
    } else reject(peer, request)
  }

  /** A peer left: nothing is read for it any more. */
  removePeer(peer: Peer): void {
    this.#queue = this.#queue.filter((waiting) => waiting.peer !== peer)
  }

  /** Nothing is read any more. */
  stop(): void {
    this.#queue = []
  }

  #answer(peer: Peer, request: HashRequest, hashes: Uint8Array | undefined): void {
    const use = this.#useOf(peer)
    use.answerBytes += REQUEST_COST_BYTES + (hashes?.length ?? 0)
    if (hashes === undefined) {
      reject(peer, request)
      return
    }
    this.#parts.upLimit.take(hashes.length)
    peer.link.hashMessage({ kind: 'hashes', request, hashes })
  }

  /** False for a peer that had its share of this minute, or does not read what it gets. */
  #mayServe(peer: Peer): boolean {
    return this.#useOf(peer).answerBytes < LIMITS.hashBytesPerMinute && peer.link.queuedBytes < LIMITS.socketQueueBytes
  }

  #mayRead(peer: Peer, piece: number, { offered, layout, store }: TorrentSession): boolean {
    if (!offered.has(piece) || store.carriesBytes === false) return false
    const waiting = this.#queue.filter((other) => other.peer === peer).length
    if (waiting >= LIMITS.leafRequestsOfPeer || this.#queue.length >= LIMITS.leafRequests) return false
    this.#allReads = this.#current(this.#allReads)
    const use = this.#useOf(peer)
    const bytes = layout.pieceBytes(piece)
    // Of the largest pieces at least one is to be had.
    const isTooMuch = (used: number, limit: number): boolean => used > 0 && used + bytes > limit
    if (isTooMuch(use.readBytes, LIMITS.leafReadBytesOfPeer) || isTooMuch(this.#allReads.readBytes, LIMITS.leafReadBytes)) return false
    use.readBytes += bytes
    this.#allReads.readBytes += bytes
    return true
  }

  #readNext(): void {
    const [next] = this.#queue
    const torrent = this.#parts.torrent()
    if (next === undefined || torrent === undefined || this.#reader?.isReading === true) return
    this.#reader ??= new LeafReader(torrent.store, torrent.layout)
    this.#reader.read(next.piece, (leaves) => this.#onLeaves(next.piece, leaves))
  }

  /** Whoever waits for the same piece is answered too. */
  #onLeaves(piece: number, leaves: Uint8Array | undefined): void {
    const served = this.#queue.filter((waiting) => waiting.piece === piece)
    this.#queue = this.#queue.filter((waiting) => waiting.piece !== piece)
    const trees = this.#parts.torrent()?.trees
    for (const { peer, request } of served) this.#answer(peer, request, leaves === undefined ? undefined : trees?.answer(request, leaves))
    if (this.#queue.length === 0) this.#reader = undefined
    else this.#readNext()
  }

  #useOf(peer: Peer): Use {
    const known = this.#uses.get(peer)
    const use = this.#current(known)
    if (use !== known) this.#uses.set(peer, use)
    return use
  }

  #current(use: Use | undefined): Use {
    const nowMs = this.#parts.clock.nowMs()
    return use !== undefined && nowMs - use.sinceMs < PERIOD_MS ? use : { sinceMs: nowMs, answerBytes: 0, readBytes: 0 }
  }
}

function reject(peer: Peer, request: HashRequest): void {
  peer.link.hashMessage({ kind: 'reject', request })
}
