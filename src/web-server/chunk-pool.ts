import { WEB_SERVER_LIMITS } from './web-server-limits.ts'

/** The memory through which answers go, in chunks of one size that are used again. */
export class ChunkPool {
  readonly #free: Uint8Array[] = []
  #count = 0

  /** Chunks that are being read or sent. */
  get inUse(): number {
    return this.#count - this.#free.length
  }

  /** A chunk for somebody who holds `held`. One is always to be had for who has none: those who do not read must not starve them. */
  take(held: number): Uint8Array | undefined {
    const chunk = this.#free.pop()
    if (chunk !== undefined) return chunk
    if (this.#count >= WEB_SERVER_LIMITS.chunks && held > 0) return undefined
    this.#count++
    return new Uint8Array(WEB_SERVER_LIMITS.chunkBytes)
  }

  /** Takes a chunk back that nobody reads or writes any more. */
  giveBack(chunk: Uint8Array): void {
    if (this.#count > WEB_SERVER_LIMITS.chunks) this.#count--
    else this.#free.push(chunk)
  }

  /** Forgets a chunk of a broken connection, which may still be looked at. */
  lose(): void {
    this.#count--
  }
}
