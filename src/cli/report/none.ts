import type { VerbEvents } from '../../app/events.ts'
import type { Events } from '../../base/events.ts'
import type { Failure, Reporter } from './reporter.ts'
import { peerSentence } from './sentences.ts'
import type { Talk } from './talk.ts'

/** No progress: warnings, errors, and peers with --verbose. */
export class NoneReporter implements Reporter {
  readonly #talk: Talk

  constructor(talk: Talk) {
    this.#talk = talk
  }

  follow(events: Events<VerbEvents>): void {
    events.on('peer', (peer) => this.#talk.whisper(peerSentence(peer)))
    events.on('warning', (warning) => this.#talk.warn(warning.message))
  }

  say(sentence: string): void {
    this.#talk.say(sentence)
  }

  fail(failure: Failure): void {
    this.#talk.fail(failure)
  }

  stop(): void {
    // Nothing is on the screen and no timer runs.
  }
}
