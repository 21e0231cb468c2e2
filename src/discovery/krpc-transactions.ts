import type { Clock } from '../base/clock.ts'
import type { Random } from '../base/random.ts'

/** Bytes of the transaction ids that go out. */
export const TRANSACTION_BYTES = 4

/** Questions older than this have been given up by whoever asked, in milliseconds. */
const LIFETIME_MS = 6_000
const MAX_OPEN = 2_048

interface Open<Question> {
  readonly host: string
  readonly port: number
  readonly askedMs: number
  readonly question: Question
}

/**
 * The questions that wait for an answer. The library numbers its questions 1, 2, 3, so anybody could answer them for somebody else;
 * on the wire each has a random id instead, good once, and only from the address that was asked.
 */
export class KrpcTransactions<Question> {
  readonly #clock: Clock
  readonly #random: Random
  readonly #open = new Map<number, Open<Question>>()

  constructor(clock: Clock, random: Random) {
    this.#clock = clock
    this.#random = random
  }

  /** Remembers that `question` goes to `host`:`port`; returns the id to send with it. */
  open(host: string, port: number, question: Question): Uint8Array {
    this.#forgetOld()
    let id = this.#random.bytes(TRANSACTION_BYTES)
    while (this.#open.has(numberOf(id, 0))) id = this.#random.bytes(TRANSACTION_BYTES)
    this.#open.set(numberOf(id, 0), { host, port, askedMs: this.#clock.nowMs(), question })
    return id
  }

  /** The question whose id stands in `bytes` from `start` to `end`, if it went to `host`:`port`; an answer from elsewhere leaves it open. */
  close(bytes: Uint8Array, start: number, end: number, host: string, port: number): Question | undefined {
    if (end - start !== TRANSACTION_BYTES) return undefined
    const id = numberOf(bytes, start)
    const open = this.#open.get(id)
    if (open === undefined || open.host !== host || open.port !== port) return undefined
    this.#open.delete(id)
    return this.#clock.nowMs() - open.askedMs > LIFETIME_MS ? undefined : open.question
  }

  /** Gives the question up. */
  cancel(id: Uint8Array): void {
    this.#open.delete(numberOf(id, 0))
  }

  #forgetOld(): void {
    const oldestMs = this.#clock.nowMs() - LIFETIME_MS
    for (const [id, { askedMs }] of this.#open) {
      if (askedMs >= oldestMs && this.#open.size < MAX_OPEN) return
      this.#open.delete(id)
    }
  }
}

function numberOf(bytes: Uint8Array, start: number): number {
  return (
    (((bytes[start] as number) << 24) |
      ((bytes[start + 1] as number) << 16) |
      ((bytes[start + 2] as number) << 8) |
      (bytes[start + 3] as number)) >>>
    0
  )
}
