import type { Clock, Timer } from '../../../src/base/clock.ts'
import type { ContentRange, RangeRead, RangeReader, WebSeed, WebSeedFailure } from '../../../src/web-seed/web-seed.ts'
import type { TestTorrent } from './test-torrent.ts'

const LATENCY_MS = 5
/** No multiple of a block. */
const CHUNK_BYTES = 10_000
/** As long as a server may be silent. */
const SILENCE_MS = 30_000

/** How a web seed differs from an honest and fast one. */
export interface MemoryWebSeedOptions {
  readonly label?: string
  readonly bytesPerSecond?: number
  /** Changes the bytes that are sent. */
  readonly falsify?: (bytes: Uint8Array, offset: number) => void
  /** Why a range does not come, once so many bytes of it are there; undefined for one that comes whole. */
  readonly failure?: (range: ContentRange) => { readonly afterBytes: number; readonly failure: WebSeedFailure } | undefined
  /** Whether it takes a request and sends nothing; told after 30 s. */
  readonly isSilent?: () => boolean
  /** Until the first byte of each range; 5 ms unless given. */
  readonly latencyMs?: number
  /** What comes with one read from the network; 10,000 bytes unless given. */
  readonly chunkBytes?: number
}

/** A server in memory that holds a torrent; each range comes at the same rate, whatever else is read. */
export class MemoryWebSeed implements WebSeed {
  readonly label: string
  /** What it was asked for. */
  readonly ranges: ContentRange[] = []
  /** Bytes that its readers took. */
  sentBytes = 0
  /** Reads that neither ended nor were cancelled. */
  open = 0
  readonly #clock: Clock
  readonly #torrent: TestTorrent
  readonly #options: MemoryWebSeedOptions

  constructor(clock: Clock, torrent: TestTorrent, options: MemoryWebSeedOptions = {}) {
    this.#clock = clock
    this.#torrent = torrent
    this.#options = options
    this.label = options.label ?? 'memory web seed'
  }

  read(range: ContentRange, reader: RangeReader): RangeRead {
    const { bytesPerSecond = 10_000_000, falsify, isSilent = () => false, latencyMs = LATENCY_MS, chunkBytes = CHUNK_BYTES } = this.#options
    const end = range.begin + range.lengthBytes
    const planned = this.#options.failure?.(range)
    const ending = planned !== undefined && planned.afterBytes < range.lengthBytes ? planned : undefined
    const lastByte = ending === undefined ? end : range.begin + ending.afterBytes
    let offset = range.begin
    let timer: Timer | undefined
    const plan = (delayMs: number): void => {
      timer = this.#clock.after(delayMs, step)
    }
    const step = (): void => {
      const bytes = Buffer.from(this.#torrent.content.subarray(offset, Math.min(lastByte, offset + chunkBytes)))
      falsify?.(bytes, offset)
      offset += bytes.length
      this.sentBytes += bytes.length
      timer = undefined
      if (bytes.length > 0) {
        plan((1_000 * bytes.length) / bytesPerSecond)
        reader.onBytes(bytes)
        // It is valid during the call only.
        bytes.fill(0)
      }
      if (offset < lastByte || isOver) return
      finish()
      reader.onEnd(ending?.failure)
    }
    let isOver = false
    const finish = (): void => {
      timer?.cancel()
      timer = undefined
      if (!isOver) this.open--
      isOver = true
    }
    this.ranges.push(range)
    this.open++
    const staysSilent = isSilent()
    if (!staysSilent) plan(latencyMs)
    else {
      timer = this.#clock.after(SILENCE_MS, () => {
        finish()
        const message = `${this.label} was silent for 30 s.`
        reader.onEnd({ kind: 'silent', message, isFinal: false, retryAfterMs: undefined })
      })
    }
    return {
      pause: () => {
        if (!staysSilent) timer?.cancel()
      },
      resume: () => {
        if (isOver || staysSilent) return
        timer?.cancel()
        // A connection has read some bytes more before it stood still, and gives them at once.
        if (offset > range.begin) step()
        else plan(0)
      },
      cancel: finish,
    }
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}
