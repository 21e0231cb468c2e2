import type { Clock } from '../base/clock.ts'

/** Called once; without bytes when the one who was asked refused, was too slow, or left. */
export type OnAnswer = (answer: Uint8Array | undefined) => void

/** Something that was asked and is not answered. */
export interface OpenQuestion<Question> {
  readonly question: Question
  readonly sinceMs: number
  /** Undefined once it was called: an answer that still comes is too late. */
  onAnswer: OnAnswer | undefined
}

/** What peers were asked and have not answered. */
export class OpenQuestions<Peer extends object, Question> {
  readonly #clock: Clock
  readonly #timeoutMs: number
  readonly #byPeer = new Map<Peer, OpenQuestion<Question>[]>()

  constructor(clock: Clock, timeoutMs: number) {
    this.#clock = clock
    this.#timeoutMs = timeoutMs
  }

  /** How many `peer` has not answered. */
  countOf(peer: Peer): number {
    return this.#byPeer.get(peer)?.length ?? 0
  }

  /** True if `peer` is too slow with one of them, and has still not answered it. */
  isLate(peer: Peer): boolean {
    return this.#byPeer.get(peer)?.some(({ onAnswer }) => onAnswer === undefined) === true
  }

  /** `peer` is asked now. */
  add(peer: Peer, question: Question, onAnswer: OnAnswer): void {
    const open = this.#byPeer.get(peer) ?? []
    this.#byPeer.set(peer, open)
    open.push({ question, sinceMs: this.#clock.nowMs(), onAnswer })
  }

  /** `peer` answered the first that `isMeant`, which is open no more; undefined if there is none. */
  take(peer: Peer, isMeant: (question: Question) => boolean): OpenQuestion<Question> | undefined {
    const open = this.#byPeer.get(peer) ?? []
    const place = open.findIndex(({ question }) => isMeant(question))
    return place < 0 ? undefined : open.splice(place, 1)[0]
  }

  /** `peer` left: nothing that it was asked is answered any more. */
  removePeer(peer: Peer): void {
    const open = this.#byPeer.get(peer) ?? []
    this.#byPeer.delete(peer)
    for (const { onAnswer } of open) onAnswer?.(undefined)
  }

  /** Gives up what was asked too long ago; an answer that still comes is not held against its sender. */
  check(nowMs: number): void {
    const late: (OnAnswer | undefined)[] = []
    for (const open of [...this.#byPeer.values()].flat()) {
      if (nowMs - open.sinceMs <= this.#timeoutMs) continue
      late.push(open.onAnswer)
      open.onAnswer = undefined
    }
    // Not before all of them are known to be late: whoever hears of it asks on.
    for (const onAnswer of late) onAnswer?.(undefined)
  }

  /** Nobody waits for an answer any more. */
  clear(): void {
    this.#byPeer.clear()
  }
}
