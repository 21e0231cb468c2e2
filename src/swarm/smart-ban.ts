import { equalBytes } from '../base/bytes.ts'

/** One failed attempt at a piece: who sent each block, and the digest of what was sent. */
interface FailedAttempt {
  readonly senders: readonly string[]
  /** As many bytes for each block as the hash has by which the piece was checked: 20 of SHA-1 or 32 of SHA-256 (BEP 52). */
  readonly digests: Uint8Array
}

/**
 * Tells who sent bad blocks. A piece that fails from one sender convicts it at once. From several, the digests of the blocks are
 * kept until the piece is right: then whoever sent a block that differs is convicted, and nobody else.
 * Senders are named by who stands behind them, so that reconnecting does not wash anybody clean.
 */
export class SmartBan {
  readonly #failures = new Map<number, FailedAttempt[]>()

  /** True while some piece that failed is not right yet. */
  get hasFailures(): boolean {
    return this.#failures.size > 0
  }

  /** True if `piece` failed before: the digests of its blocks are needed, and it should come from one peer alone. */
  hasFailed(piece: number): boolean {
    return this.#failures.has(piece)
  }

  /** True if `culprit` sent a part of a failed attempt at `piece`. */
  isSuspect(piece: number, culprit: string): boolean {
    return this.#failures.get(piece)?.some((attempt) => attempt.senders.includes(culprit)) ?? false
  }

  /** The piece is wrong; returns who is certainly to blame. `senders` has one name a block. */
  onCorrupt(piece: number, senders: readonly string[], digests: Uint8Array): Set<string> {
    const names = new Set(senders)
    if (names.size <= 1) return names
    const attempts = this.#failures.get(piece) ?? []
    attempts.push({ senders, digests })
    this.#failures.set(piece, attempts)
    return new Set()
  }

  /**
   * The digests of the right blocks are known, `digestBytes` each; returns who sent blocks that differ from them in earlier attempts.
   * Digests of another hash tell nothing.
   */
  onRight(piece: number, digests: Uint8Array, digestBytes: number): Set<string> {
    const guilty = new Set<string>()
    for (const attempt of this.#failures.get(piece) ?? []) {
      if (attempt.digests.length !== attempt.senders.length * digestBytes) continue
      for (const [block, sender] of attempt.senders.entries()) {
        const start = block * digestBytes
        const end = start + digestBytes
        if (!equalBytes(attempt.digests.subarray(start, end), digests.subarray(start, end))) guilty.add(sender)
      }
    }
    this.#failures.delete(piece)
    return guilty
  }
}
