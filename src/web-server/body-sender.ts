import type { ServerResponse } from 'node:http'
import type { Clock } from '../base/clock.ts'
import type { DistroError } from '../base/errors.ts'
import type { RateLimit } from '../base/rate-limit.ts'
import type { ByteRange } from './byte-range.ts'
import type { ChunkPool } from './chunk-pool.ts'
import type { ContentSource } from './content-source.ts'
import type { SendTurns } from './send-turns.ts'
import { WEB_SERVER_LIMITS } from './web-server-limits.ts'

/** What sending a body takes. */
export interface BodyParts {
  readonly response: ServerResponse
  readonly source: ContentSource
  readonly range: ByteRange
  readonly pool: ChunkPool
  readonly turns: SendTurns
  readonly limit: RateLimit
  readonly clock: Clock
  /** So many bytes have left. */
  onSent(bytes: number): void
  /** The bytes cannot be given; the connection is to be broken off. */
  onFailed(error: DistroError): void
}

/**
 * Sends a range of a source, chunk by chunk: one is read while the one before it is sent, and no third is begun before the first has
 * left. The last chunk leaves only when the source confirms that everything before it was right, so that a client which has all
 * bytes has the right ones.
 */
export class BodySender {
  readonly #parts: BodyParts
  readonly #end: number
  readonly #mostBytes: number
  #position: number
  #held = 0
  /** Lengths of what was handed to the connection and has not left, the oldest first. */
  readonly #leaving: number[] = []
  /** Since when the first of them is the first. */
  #leavingSinceMs = 0
  #isReading = false
  #isClosed = false
  /** True while it waits for a turn, and the client for us. */
  #isWaiting = false

  constructor(parts: BodyParts) {
    this.#parts = parts
    this.#position = parts.range.start
    this.#end = parts.range.start + parts.range.lengthBytes
    const { chunkBytes, smallestChunkBytes } = WEB_SERVER_LIMITS
    this.#mostBytes = Math.max(smallestChunkBytes, Math.min(chunkBytes, Math.floor(parts.limit.burstBytes)))
  }

  /** True while nothing is under way to the client, because it is not our turn at the limit. */
  get isHeldBack(): boolean {
    return this.#isWaiting && this.#held === 0
  }

  /** True if the client takes what is sent to it more slowly than it may, with a delay of `graceMs`. */
  isTooSlow(graceMs: number): boolean {
    const [bytes] = this.#leaving
    if (bytes === undefined) return false
    const mostMs = graceMs + (1_000 * bytes) / WEB_SERVER_LIMITS.leastBytesPerSecond
    return this.#parts.clock.nowMs() - this.#leavingSinceMs > mostMs
  }

  start(): void {
    this.#next()
  }

  /** The connection is gone. */
  close(): void {
    this.#isClosed = true
    this.#parts.turns.leave(this.#read)
  }

  #next(): void {
    if (this.#isClosed || this.#isReading || this.#held >= WEB_SERVER_LIMITS.chunksPerConnection) return
    if (this.#position >= this.#end) {
      if (this.#parts.range.lengthBytes === 0) this.#confirmThen(() => this.#parts.response.end())
      return
    }
    this.#isReading = true
    this.#isWaiting = true
    this.#parts.turns.ask(this.#read)
  }

  readonly #read = (): void => {
    this.#isWaiting = false
    const { pool, source, limit } = this.#parts
    const chunk = this.#isClosed ? undefined : pool.take(this.#held)
    if (chunk === undefined) {
      // The chunk that is being sent comes back, and `#next` with it.
      this.#isReading = false
      return
    }
    this.#held++
    const body = chunk.subarray(0, Math.min(this.#mostBytes, this.#end - this.#position))
    limit.take(body.length)
    source.read(this.#position, body, (error) => {
      this.#position += body.length
      if (error !== undefined) {
        this.#release(chunk)
        this.#fail(error)
      } else if (this.#position < this.#end) this.#write(chunk, body)
      else
        this.#confirmThen(
          () => this.#write(chunk, body),
          () => this.#release(chunk),
        )
    })
  }

  #confirmThen(proceed: () => void, giveUp: () => void = () => undefined): void {
    const { source, range } = this.#parts
    source.confirm(range.start, range.lengthBytes, (error) => {
      if (error === undefined) proceed()
      else {
        giveUp()
        this.#fail(error)
      }
    })
  }

  #write(chunk: Uint8Array, body: Uint8Array): void {
    this.#isReading = false
    if (this.#isClosed) {
      this.#release(chunk)
      return
    }
    const { response, pool, clock } = this.#parts
    if (this.#leaving.length === 0) this.#leavingSinceMs = clock.nowMs()
    this.#leaving.push(body.length)
    const onWritten = (error?: Error | null): void => {
      this.#held--
      this.#leaving.shift()
      this.#leavingSinceMs = clock.nowMs()
      if (error !== undefined && error !== null) {
        pool.lose()
        return
      }
      pool.giveBack(chunk)
      this.#parts.onSent(body.length)
      this.#next()
    }
    const isLast = this.#position >= this.#end
    response.write(body, onWritten)
    if (isLast) response.end()
    else this.#next()
  }

  #release(chunk: Uint8Array): void {
    this.#held--
    this.#parts.pool.giveBack(chunk)
  }

  #fail(error: DistroError): void {
    if (this.#isClosed) return
    this.close()
    this.#parts.onFailed(error)
  }
}
