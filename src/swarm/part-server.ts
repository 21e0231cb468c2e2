import type { Clock } from '../base/clock.ts'
import type { DistroError } from '../base/errors.ts'
import type { RateLimit } from '../base/rate-limit.ts'
import { partSumsBytes, writePartSums } from '../torrent/block-parts.ts'
import { BATCH_BLOCKS } from '../wire/block-batch.ts'
import type { PartQuestion } from '../wire/extension-messages.ts'
import { LIMITS } from './limits.ts'
import type { Peer } from './peer.ts'
import type { PieceLayout } from './piece-layout.ts'
import type { PieceStore } from './piece-store.ts'

const PERIOD_MS = 60_000

/** What answering works with. */
export interface PartServerParts {
  readonly clock: Clock
  readonly layout: PieceLayout
  readonly store: PieceStore
  /** Pieces that are given to others. */
  readonly offered: { has(piece: number): boolean }
  /** What we send at most; sums count like blocks. */
  readonly upLimit: RateLimit
  /** The store cannot read a piece that it had. */
  onUnreadable(piece: number, error: DistroError): void
}

/** What was read for a peer, or for all of them, in the minute since `sinceMs`. */
interface Use {
  sinceMs: number
  readBytes: number
}

/** A question that waits. */
interface Waiting {
  readonly peer: Peer
  readonly question: PartQuestion
}

/**
 * Tells peers the sums of parts of blocks, or refuses to: it tells whoever may ask for the blocks themselves. Blocks are read one question
 * after the other, 256 KiB at a time, and within bounds for each peer and for all of them.
 */
export class PartServer {
  readonly #parts: PartServerParts
  readonly #uses = new WeakMap<Peer, Use>()
  #all: Use = { sinceMs: Number.NEGATIVE_INFINITY, readBytes: 0 }
  readonly #queue: Waiting[] = []
  /** There while a question is being answered. */
  #memory: Uint8Array | undefined

  constructor(parts: PartServerParts) {
    this.#parts = parts
  }

  onQuestion(peer: Peer, question: PartQuestion): void {
    if (!this.#mayQueue(peer, question)) {
      refuse(peer, question)
      return
    }
    this.#queue.push({ peer, question })
    if (this.#memory === undefined) this.#answerNext()
  }

  #mayQueue(peer: Peer, question: PartQuestion): boolean {
    const { layout, store } = this.#parts
    const { piece, blocks } = question
    const pieceBytes = layout.pieceBytes(piece)
    if ((blocks.at(-1) as number) * layout.blockLengthBytes >= pieceBytes) return false
    if (!this.#mayTell(peer, piece) || store.carriesBytes === false || peer.link.queuedBytes > LIMITS.socketQueueBytes) return false
    if (this.#queue.length >= LIMITS.partQuestionsOfAll) return false
    if (this.#queue.filter((other) => other.peer === peer).length >= LIMITS.partQuestions) return false
    const bytes = blocks.length * layout.blockLengthBytes
    const use = this.#current(this.#uses.get(peer))
    this.#all = this.#current(this.#all)
    if (use.readBytes + bytes > LIMITS.partReadBytesOfPeer || this.#all.readBytes + bytes > LIMITS.partReadBytes) return false
    use.readBytes += bytes
    this.#all.readBytes += bytes
    this.#uses.set(peer, use)
    return true
  }

  /** The same as for a request for the blocks. */
  #mayTell(peer: Peer, piece: number): boolean {
    return this.#parts.offered.has(piece) && (!peer.amChoking || peer.grantedFast.includes(piece))
  }

  #answerNext(): void {
    const next = this.#queue.shift()
    if (next === undefined) {
      this.#memory = undefined
      return
    }
    const { peer, question } = next
    const { layout, upLimit } = this.#parts
    const end = (sums: Uint8Array | undefined): void => {
      if (sums === undefined) refuse(peer, question)
      else {
        upLimit.take(sums.length)
        peer.tellParts({ ...question, sums })
      }
      this.#answerNext()
    }
    // It may have been choked, or have left, while it waited.
    if (peer.isClosed || !this.#mayTell(peer, question.piece)) {
      end(undefined)
      return
    }
    this.#memory ??= new Uint8Array(BATCH_BLOCKS * layout.blockLengthBytes)
    this.#read(peer, question, this.#memory, end)
  }

  /** Blocks that follow each other are read with one call. */
  #read(peer: Peer, { piece, blocks }: PartQuestion, memory: Uint8Array, end: (sums: Uint8Array | undefined) => void): void {
    const { layout, store, onUnreadable } = this.#parts
    const { blockLengthBytes } = layout
    const pieceBytes = layout.pieceBytes(piece)
    const bytesOf = (block: number): number => Math.min(blockLengthBytes, pieceBytes - block * blockLengthBytes)
    const sums = new Uint8Array(blocks.reduce((sum, block) => sum + partSumsBytes(bytesOf(block)), 0))
    let at = 0
    const readFrom = (first: number): void => {
      if (peer.isClosed) {
        end(undefined)
        return
      }
      if (first === blocks.length) {
        end(sums)
        return
      }
      let next = first + 1
      while (next < blocks.length && next - first < BATCH_BLOCKS && blocks[next] === (blocks[next - 1] as number) + 1) next++
      const begin = (blocks[first] as number) * blockLengthBytes
      const stretch = memory.subarray(0, Math.min((next - first) * blockLengthBytes, pieceBytes - begin))
      store.read(piece, begin, [stretch], (error) => {
        if (error !== undefined) {
          onUnreadable(piece, error)
          end(undefined)
          return
        }
        for (let start = 0; start < stretch.length; start += blockLengthBytes) {
          const block = stretch.subarray(start, start + blockLengthBytes)
          writePartSums(block, sums, at)
          at += partSumsBytes(block.length)
        }
        readFrom(next)
      })
    }
    readFrom(0)
  }

  #current(use: Use | undefined): Use {
    const nowMs = this.#parts.clock.nowMs()
    return use !== undefined && nowMs - use.sinceMs < PERIOD_MS ? use : { sinceMs: nowMs, readBytes: 0 }
  }
}

function refuse(peer: Peer, { piece, blocks }: PartQuestion): void {
  peer.tellParts({ piece, blocks })
}
