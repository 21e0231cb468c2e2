import type { Clock } from '../base/clock.ts'
import type { PartQuestion, PartSums } from '../wire/extension-messages.ts'
import type { BlockSource } from './block-source.ts'
import { LIMITS } from './limits.ts'

/** Called once; without sums when the peer refused, was too slow, or left. */
type OnSums = (sums: Uint8Array | undefined) => void

/** Something that a peer was asked. */
interface Asked {
  readonly question: PartQuestion
  readonly sumsBytes: number
  readonly sinceMs: number
  /** Undefined once it was called. */
  onSums: OnSums | undefined
}

/** Keeps what peers were asked about parts of blocks, and finds what each answer belongs to. */
export class PartQuestions {
  readonly #clock: Clock
  readonly #asked = new Map<BlockSource, Asked[]>()
  /** How many questions each source answered. */
  readonly #answers = new WeakMap<BlockSource, number>()
  /** How many pieces were wrong with what each source answered. */
  readonly #wrong = new WeakMap<BlockSource, number>()
  readonly #restsUntilMs = new WeakMap<BlockSource, number>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** True if `source` can be asked one thing more. One that was too slow is not asked until it answers. */
  mayAsk(source: BlockSource): boolean {
    if (!source.tellsParts || this.#clock.nowMs() < (this.#restsUntilMs.get(source) ?? 0)) return false
    const asked = this.#asked.get(source) ?? []
    return asked.length < this.#mostOf(source) && asked.every(isOpen)
  }

  /** True if `source` is asked all that it can be asked, and may well answer soon. */
  isFull(source: BlockSource): boolean {
    const asked = this.#asked.get(source) ?? []
    return asked.length >= this.#mostOf(source) && asked.every(isOpen)
  }

  /** Sends `question`, whose answer takes `sumsBytes`. */
  ask(source: BlockSource, question: PartQuestion, sumsBytes: number, onSums: OnSums): void {
    const asked = this.#asked.get(source) ?? []
    this.#asked.set(source, asked)
    asked.push({ question, sumsBytes, sinceMs: this.#clock.nowMs(), onSums })
    source.askForParts(question)
  }

  /** An answer came. False if it answers nothing that was asked. */
  onAnswer(source: BlockSource, { piece, blocks, sums }: PartSums): boolean {
    const asked = this.#asked.get(source) ?? []
    const place = asked.findIndex(({ question }) => question.piece === piece && isSame(question.blocks, blocks))
    const [answered] = place < 0 ? [] : asked.splice(place, 1)
    if (answered === undefined) return false
    const isWhole = sums?.length === answered.sumsBytes
    if (isWhole) this.#answers.set(source, (this.#answers.get(source) ?? 0) + 1)
    else this.#rest(source)
    answered.onSums?.(isWhole ? sums : undefined)
    return true
  }

  /**
   * A piece with sums that `source` told was wrong. A sum of a block that is found by mistake, which happens in a few thousand that changed, has
   * the same effect as a lie: one is only taken for it where there was little to be gained by the answers before.
   */
  onWrong(source: BlockSource): void {
    const wrong = (this.#wrong.get(source) ?? 0) + 1
    this.#wrong.set(source, wrong)
    if (wrong * LIMITS.partAnswersPerWrong > (this.#answers.get(source) ?? 0)) this.#rest(source)
  }

  /** Leaves `source` alone for a while. */
  #rest(source: BlockSource): void {
    this.#restsUntilMs.set(source, this.#clock.nowMs() + LIMITS.partRetryMs)
  }

  /** A source left: nothing that it was asked is answered any more. */
  removeSource(source: BlockSource): void {
    const asked = this.#asked.get(source) ?? []
    this.#asked.delete(source)
    for (const { onSums } of asked) onSums?.(undefined)
  }

  /** Gives up what was asked too long ago; an answer that still comes is not held against its sender. */
  check(nowMs: number): void {
    const late: Asked['onSums'][] = []
    for (const asked of [...this.#asked.values()].flat()) {
      if (nowMs - asked.sinceMs <= LIMITS.partTimeoutMs) continue
      late.push(asked.onSums)
      asked.onSums = undefined
    }
    // Not before all of them are known to be late: whoever hears of it asks on.
    for (const onSums of late) onSums?.(undefined)
  }

  /** Each question holds a piece up until it is answered: who never answered any holds up few. */
  #mostOf(source: BlockSource): number {
    return Math.min(LIMITS.partQuestions, LIMITS.firstPartQuestions + (this.#answers.get(source) ?? 0))
  }
}

function isOpen({ onSums }: Asked): boolean {
  return onSums !== undefined
}

function isSame(one: readonly number[], other: readonly number[]): boolean {
  return one.length === other.length && one.every((block, place) => block === other[place])
}
