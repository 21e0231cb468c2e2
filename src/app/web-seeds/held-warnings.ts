import type { Clock, Timer } from '../../base/clock.ts'
import type { WebSeed } from '../../web-seed/web-seed.ts'

/** So long it stays open whether a web seed lacks one file or all of them. */
const HOLD_MS = 3_000

interface Held {
  readonly sentence: string
  readonly timer: Timer
}

/**
 * What a web seed is to be warned of that has given nothing yet and lacks a file. One that was named wrongly lacks the next ones too, and is
 * given up a moment later: that says it all. So the first such sentence waits for a while, and of those that follow none is told.
 */
export class HeldWarnings {
  readonly #clock: Clock
  readonly #tell: (sentence: string) => void
  readonly #held = new Map<WebSeed, Held>()
  readonly #heard = new WeakSet<WebSeed>()

  constructor(clock: Clock, tell: (sentence: string) => void) {
    this.#clock = clock
    this.#tell = tell
  }

  /** `webSeed` lacks a file. */
  hold(webSeed: WebSeed, sentence: string): void {
    if (this.#heard.has(webSeed)) return
    this.#heard.add(webSeed)
    this.#held.set(webSeed, { sentence, timer: this.#clock.after(HOLD_MS, () => this.release(webSeed)) })
  }

  /** Tells now what waits of `webSeed`. */
  release(webSeed: WebSeed): void {
    const sentence = this.#held.get(webSeed)?.sentence
    this.drop(webSeed)
    if (sentence !== undefined) this.#tell(sentence)
  }

  /** The same of all. */
  releaseAll(): void {
    for (const webSeed of [...this.#held.keys()]) this.release(webSeed)
  }

  /** What waits of `webSeed` is not told: something that says more is. */
  drop(webSeed: WebSeed): void {
    this.#held.get(webSeed)?.timer.cancel()
    this.#held.delete(webSeed)
  }
}
