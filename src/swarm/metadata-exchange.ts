import { createHash } from 'node:crypto'
import { equalBytes } from '../base/bytes.ts'
import type { Clock } from '../base/clock.ts'
import { shortInfoHash } from '../torrent/info-hash.ts'
import type { MetadataMessage } from '../wire/extension-messages.ts'
import { LIMITS } from './limits.ts'
import type { Peer } from './peer.ts'
import type { SwarmOptions } from './swarm-types.ts'

const PIECE_BYTES = 16_384
/** Requests under way at one source. */
const PIPELINE = 4

/** What the exchange works with. */
export interface MetadataParts {
  readonly clock: Clock
  readonly infoHash: Uint8Array
  /** SHA-256 of the info dictionary, where it is known (BEP 52); for v2 only `infoHash` is the first 20 bytes of it. */
  readonly infoHashV2: Uint8Array | undefined
  readonly peers: ReadonlyMap<number, Peer>
  /** The info dictionary is here and its hash is right. */
  onMetadata(infoBytes: Uint8Array): void
  /** The peer sent a whole dictionary with another hash. */
  onLiar(peer: Peer): void
}

/** One peer from which the dictionary is being taken, whole: so a wrong one convicts its sender. */
interface Source {
  readonly peer: Peer
  readonly sizeBytes: number
  /** Grows as pieces come: memory follows what was received, never what was claimed. */
  readonly pieces: Uint8Array[]
  requested: number
  readonly sinceMs: number
  lastHeardMs: number
}

/** What is remembered of a peer that was a source and did not give the whole dictionary. */
interface Attempts {
  /** When it may be asked again: it may have been busy, or the network cut. */
  retryMs: number
  /** Places that it lost because it was slow while others waited; its next turn is twice as long for each. */
  turns: number
}

/**
 * Gets the info dictionary from peers (BEP 9), from two of them at a time, and serves it once it is known. Whoever is slow gives its
 * place to somebody who waits, and has longer the next time: a slow peer gets it done in the end, and one that drips keeps nobody out.
 */
export class MetadataExchange {
  readonly #parts: MetadataParts
  readonly #sources = new Map<Peer, Source>()
  readonly #attempts = new WeakMap<Peer, Attempts>()
  readonly #served = new WeakMap<Peer, { sinceMs: number; count: number }>()
  #infoBytes: Uint8Array | undefined
  /** Peers that could not or would not give the dictionary, for the error message. */
  refusals = 0

  constructor(parts: MetadataParts) {
    this.#parts = parts
  }

  /** The exchange of a swarm; see `MetadataParts`. */
  static of(
    { clock, infoHash, infoHashV2 }: SwarmOptions,
    peers: ReadonlyMap<number, Peer>,
    onMetadata: (infoBytes: Uint8Array) => void,
    onLiar: (peer: Peer) => void,
  ): MetadataExchange {
    return new MetadataExchange({ clock, infoHash, infoHashV2, peers, onMetadata, onLiar })
  }

  get infoBytes(): Uint8Array | undefined {
    return this.#infoBytes
  }

  /** The dictionary is known, from a .torrent file or from `onMetadata`. */
  provide(infoBytes: Uint8Array): void {
    this.#infoBytes = infoBytes
    this.#sources.clear()
  }

  /** Asks another peer if there is one to ask; called when a peer joins, refuses or leaves, and once a second. */
  look(): void {
    if (this.#infoBytes !== undefined) return
    const nowMs = this.#parts.clock.nowMs()
    for (const source of [...this.#sources.values()]) {
      if (nowMs - source.lastHeardMs > LIMITS.metadataTimeoutMs) this.#giveUp(source)
      else if (this.#isTurnOver(source, nowMs) && this.#nextSource(nowMs) !== undefined) this.#endTurn(source, nowMs)
    }
    while (this.#sources.size < LIMITS.metadataSources) {
      const peer = this.#nextSource(nowMs)
      if (peer === undefined) return
      const sizeBytes = peer.extension?.metadataSizeBytes ?? 0
      const source: Source = { peer, sizeBytes, pieces: [], requested: 0, sinceMs: nowMs, lastHeardMs: nowMs }
      this.#sources.set(peer, source)
      this.#request(source)
    }
  }

  /** A peer that was never asked, or else the one that has been waiting longest to be asked again. */
  #nextSource(nowMs: number): Peer | undefined {
    let next: Peer | undefined
    let earliestMs = nowMs
    for (const peer of this.#parts.peers.values()) {
      if (peer.extension?.metadataSizeBytes === undefined || peer.extension.extensions.metadata === undefined) continue
      const retryMs = this.#attempts.get(peer)?.retryMs ?? Number.NEGATIVE_INFINITY
      if (this.#sources.has(peer) || retryMs > earliestMs || (next !== undefined && retryMs === earliestMs)) continue
      next = peer
      earliestMs = retryMs
    }
    return next
  }

  /** A peer left: what it gave is dropped, and another is asked. */
  removePeer(peer: Peer): void {
    if (this.#sources.delete(peer)) this.look()
  }

  onMessage(peer: Peer, message: MetadataMessage): void {
    if (message.kind === 'request') {
      this.#serve(peer, message.piece)
      return
    }
    const source = this.#sources.get(peer)
    if (source === undefined) return
    if (message.kind === 'reject') this.#giveUp(source)
    else this.#onData(source, message.piece, message.totalBytes, message.bytes)
  }

  #onData(source: Source, piece: number, totalBytes: number, bytes: Uint8Array): void {
    const expected = Math.min(PIECE_BYTES, source.sizeBytes - piece * PIECE_BYTES)
    // Answers come in the order of the requests; anything else is not worth sorting out.
    if (piece !== source.pieces.length || totalBytes !== source.sizeBytes || bytes.length !== expected) {
      this.#giveUp(source)
      return
    }
    source.pieces.push(bytes.slice())
    source.lastHeardMs = this.#parts.clock.nowMs()
    if (source.pieces.length * PIECE_BYTES < source.sizeBytes) this.#request(source)
    else this.#finish(source)
  }

  #finish(source: Source): void {
    const infoBytes = new Uint8Array(source.sizeBytes)
    for (const [index, piece] of source.pieces.entries()) infoBytes.set(piece, index * PIECE_BYTES)
    this.#sources.delete(source.peer)
    if (this.#isRight(infoBytes)) {
      this.provide(infoBytes)
      this.#parts.onMetadata(infoBytes)
    } else {
      this.#attemptsOf(source.peer).retryMs = Number.POSITIVE_INFINITY
      this.#parts.onLiar(source.peer)
      this.look()
    }
  }

  /**
   * True if one info-hash is right: whoever sent this sent what we asked for. Where the other is not, whoever named both is wrong, which is
   * for the floor above to find. 20 bytes alone may be those of a v2 info-hash.
   */
  #isRight(infoBytes: Uint8Array): boolean {
    const { infoHash, infoHashV2 } = this.#parts
    const sha256 = createHash('sha256').update(infoBytes).digest()
    const isV2 = infoHashV2 === undefined ? equalBytes(shortInfoHash(sha256), infoHash) : equalBytes(sha256, infoHashV2)
    return isV2 || equalBytes(createHash('sha1').update(infoBytes).digest(), infoHash)
  }

  #request(source: Source): void {
    const id = source.peer.extension?.extensions.metadata
    if (id === undefined) return
    const count = Math.ceil(source.sizeBytes / PIECE_BYTES)
    while (source.requested < count && source.requested < source.pieces.length + PIPELINE) {
      source.peer.link.metadata(id, { kind: 'request', piece: source.requested++ })
    }
  }

  #giveUp(source: Source): void {
    if (!this.#sources.delete(source.peer)) return
    if (!this.#attempts.has(source.peer)) this.refusals++
    this.#attemptsOf(source.peer).retryMs = this.#parts.clock.nowMs() + LIMITS.metadataRetryMs
    this.look()
  }

  /** True once it had its time and at its pace would need three times as much again. */
  #isTurnOver({ peer, sizeBytes, pieces, sinceMs }: Source, nowMs: number): boolean {
    const turnMs = LIMITS.metadataTurnMs * 2 ** (this.#attempts.get(peer)?.turns ?? 0)
    const elapsedMs = nowMs - sinceMs
    return elapsedMs > turnMs && elapsedMs * sizeBytes > 4 * turnMs * pieces.length * PIECE_BYTES
  }

  #endTurn(source: Source, nowMs: number): void {
    this.#sources.delete(source.peer)
    const attempts = this.#attemptsOf(source.peer)
    attempts.turns++
    // By then the answers that are still on their way have come, and are not taken for new ones.
    attempts.retryMs = nowMs + LIMITS.metadataRetryMs
  }

  #attemptsOf(peer: Peer): Attempts {
    let attempts = this.#attempts.get(peer)
    if (attempts === undefined) {
      attempts = { retryMs: Number.NEGATIVE_INFINITY, turns: 0 }
      this.#attempts.set(peer, attempts)
    }
    return attempts
  }

  #serve(peer: Peer, piece: number): void {
    const id = peer.extension?.extensions.metadata
    if (id === undefined) return
    const start = piece * PIECE_BYTES
    const infoBytes = this.#infoBytes
    if (infoBytes === undefined || start >= infoBytes.length || !this.#mayServe(peer, infoBytes)) {
      peer.link.metadata(id, { kind: 'reject', piece })
      return
    }
    const bytes = infoBytes.subarray(start, start + PIECE_BYTES)
    peer.link.metadata(id, { kind: 'data', piece, totalBytes: infoBytes.length, bytes })
  }

  #mayServe(peer: Peer, infoBytes: Uint8Array): boolean {
    const nowMs = this.#parts.clock.nowMs()
    const served = this.#served.get(peer)
    if (served === undefined || nowMs - served.sinceMs > 60_000) {
      this.#served.set(peer, { sinceMs: nowMs, count: 1 })
      return true
    }
    const wanted = LIMITS.metadataCopiesPerMinute * Math.ceil(infoBytes.length / PIECE_BYTES)
    const most = Math.max(LIMITS.metadataRequestsAtLeast, wanted)
    return ++served.count <= most && peer.link.queuedBytes < LIMITS.socketQueueBytes
  }
}
