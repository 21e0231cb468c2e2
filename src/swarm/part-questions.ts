import type { Clock } from '../base/clock.ts'
import type { PartQuestion, PartSums } from '../wire/extension-messages.ts'
import type { BlockSource } from './block-source.ts'
import { LIMITS } from './limits.ts'
import { type OnAnswer, OpenQuestions } from './open-questions.ts'

/** Something that a peer was asked, and how long an answer to it is. */
interface SizedQuestion extends PartQuestion {
  readonly sumsBytes: number
}

/** Keeps what peers were asked about parts of blocks, and finds what each answer belongs to. */
export class PartQuestions {
  readonly #clock: Clock
  readonly #open: OpenQuestions<BlockSource, SizedQuestion>
  /** How many questions each source answered. */
  readonly #answers = new WeakMap<BlockSource, number>()
  /** How many pieces were wrong with what each source answered. */
  readonly #wrong = new WeakMap<BlockSource, number>()
  readonly #restsUntilMs = new WeakMap<BlockSource, number>()

  constructor(clock: Clock) {
    this.#clock = clock
    this.#open = new OpenQuestions(clock, LIMITS.partTimeoutMs)
  }

  /** True if `source` can be asked one thing more. One that was too slow is not asked until it answers. */
  mayAsk(source: BlockSource): boolean {
    if (!source.tellsParts || this.#clock.nowMs() < (this.#restsUntilMs.get(source) ?? 0)) return false
    return this.#open.countOf(source) < this.#mostOf(source) && !this.#open.isLate(source)
  }

  /** True if `source` is asked all that it can be asked, and may well answer soon. */
  isFull(source: BlockSource): boolean {
    return this.#open.countOf(source) >= this.#mostOf(source) && !this.#open.isLate(source)
  }

  /** Sends `question`, whose answer takes `sumsBytes`. */
  ask(source: BlockSource, question: PartQuestion, sumsBytes: number, onSums: OnAnswer): void {
    this.#open.add(source, { ...question, sumsBytes }, onSums)
    source.askForParts(question)
  }

  /** An answer came. False if it answers nothing that was asked. */
  onAnswer(source: BlockSource, { piece, blocks, sums }: PartSums): boolean {
    const answered = this.#open.take(source, (asked) => asked.piece === piece && isSame(asked.blocks, blocks))
    if (answered === undefined) return false
    const isWhole = sums?.length === answered.question.sumsBytes
    if (isWhole) this.#answers.set(source, (this.#answers.get(source) ?? 0) + 1)
    else this.#rest(source)
    answered.onAnswer?.(isWhole ? sums : undefined)
    return true
  }

  /**
   * A piece with sums that `source` told was wrong. A sum of a block that is found by mistake, which happens in a few thousand that changed, has
   * the same effect as a lie, and may come first: one is only taken for it where there are many for what there was to be gained by the answers.
   */
  onWrong(source: BlockSource): void {
    const wrong = (this.#wrong.get(source) ?? 0) + 1
    this.#wrong.set(source, wrong)
    const excused = LIMITS.partWrongPieces + Math.floor((this.#answers.get(source) ?? 0) / LIMITS.partAnswersPerWrong)
    if (wrong > excused) this.#rest(source)
  }

  /** Leaves `source` alone for a while. */
  #rest(source: BlockSource): void {
    this.#restsUntilMs.set(source, this.#clock.nowMs() + LIMITS.partRetryMs)
  }

  /** A source left: nothing that it was asked is answered any more. */
  removeSource(source: BlockSource): void {
    this.#open.removePeer(source)
  }

  /** Gives up what was asked too long ago. */
  check(nowMs: number): void {
    this.#open.check(nowMs)
  }

  /** Each question holds a piece up until it is answered: who never answered any holds up few. */
  #mostOf(source: BlockSource): number {
    return Math.min(LIMITS.partQuestions, LIMITS.firstPartQuestions + (this.#answers.get(source) ?? 0))
  }
}

function isSame(one: readonly number[], other: readonly number[]): boolean {
  return one.length === other.length && one.every((block, place) => block === other[place])
}
