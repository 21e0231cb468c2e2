import type { ProgressEvent, VerbEvents } from '../../app/events.ts'
import type { Clock, Timer } from '../../base/clock.ts'
import type { Events } from '../../base/events.ts'
import { percentOf } from '../../base/format.ts'
import type { Failure, Reporter } from './reporter.ts'
import { sayEvents } from './say-events.ts'
import { doneSentence, handoverFigure, hasEnd, progressSentence } from './sentences.ts'
import type { Talk } from './talk.ts'
import { zonesSentence } from './zones-sentence.ts'

const LONGEST_SILENCE_MS = 30_000

/** Plain lines for logs: at the start of each phase, at each 10 % and where the share falls because there is more to do than was known, when a handover comes further, after 30 s of silence, and at the end. */
export class LinesReporter implements Reporter {
  readonly #verb: string
  readonly #talk: Talk
  readonly #clock: Clock
  #latest: ProgressEvent | undefined
  #saidPhase = ''
  #saidTenth = 0
  #saidHandover: string | undefined
  #silence: Timer | undefined

  constructor(verb: string, talk: Talk, clock: Clock) {
    this.#verb = verb
    this.#talk = talk
    this.#clock = clock
  }

  follow(events: Events<VerbEvents>): void {
    sayEvents(events, this.#talk)
    events.on('progress', (progress) => this.#take(progress))
    events.on('done', (done) => {
      this.#sayLast()
      this.#talk.say(doneSentence(this.#verb, done))
      if (done.zones !== undefined) this.#talk.say(zonesSentence(done.zones))
    })
  }

  say(sentence: string): void {
    this.#talk.say(sentence)
  }

  fail(failure: Failure): void {
    this.#talk.fail(failure)
  }

  stop(): void {
    this.#sayLast()
    this.#silence?.cancel()
    this.#silence = undefined
    this.#latest = undefined
  }

  #take(progress: ProgressEvent): void {
    if (this.#latest !== undefined && this.#latest.phase !== progress.phase) this.#sayLast()
    this.#latest = progress
    const tenth = hasEnd(progress) ? Math.floor(percentOf(progress.bytesDone, progress.bytesTotal) / 10) : 0
    const isNew = progress.phase !== this.#saidPhase || tenth !== this.#saidTenth || handoverIn(progress) !== this.#saidHandover
    if (isNew) this.#sayProgress(progress, tenth)
  }

  #sayProgress(progress: ProgressEvent, tenth: number): void {
    this.#saidPhase = progress.phase
    this.#saidTenth = tenth
    this.#saidHandover = handoverIn(progress)
    this.#talk.say(progressSentence(progress))
    this.#silence?.cancel()
    this.#silence = this.#clock.after(LONGEST_SILENCE_MS, () => {
      if (this.#latest !== undefined) this.#sayProgress(this.#latest, this.#saidTenth)
    })
  }

  /** A phase that ended between two tenths still gets its last figures. */
  #sayLast(): void {
    const last = this.#latest
    if (last === undefined || !hasEnd(last) || last.phase !== this.#saidPhase) return
    if (this.#saidTenth < 10 && last.bytesDone >= last.bytesTotal) this.#sayProgress(last, 10)
  }
}

function handoverIn({ handover }: ProgressEvent): string | undefined {
  return handover === undefined ? undefined : handoverFigure(handover)
}
