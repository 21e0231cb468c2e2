import { SingleBar } from 'cli-progress'
import type { ProgressEvent, VerbEvents } from '../../app/events.ts'
import type { Events } from '../../base/events.ts'
import { percentOf } from '../../base/format.ts'
import type { Output } from '../world.ts'
import type { Failure, Reporter } from './reporter.ts'
import { sayEvents } from './say-events.ts'
import { doneSentence, hasEnd, phaseWords, progressFigures } from './sentences.ts'
import type { Style } from './style.ts'
import type { Talk } from './talk.ts'
import { TerminalStream } from './terminal-stream.ts'
import { zonesSentence } from './zones-sentence.ts'

const WIDEST_BAR = 32
const NARROWEST_BAR = 8
/** The terminal writes `^C` behind the bar; in a full line that would begin another one, and the bar would stay above it. */
const SPARE_COLUMNS = 3

/** A bar on the last line of a terminal, with everything else that is said scrolling by above it. */
export class BarReporter implements Reporter {
  readonly #verb: string
  readonly #output: Output
  readonly #style: Style
  readonly #glyphs: readonly [full: string, empty: string]
  readonly #talk: Talk
  #bar: SingleBar | undefined
  /** The width that the bar has now: it only ever shrinks, so that it does not tremble with the figures beside it. */
  #barWidth = WIDEST_BAR
  #columns = 0

  /** `talkThrough` makes the voice that writes to the given output, which keeps the bar below what is said. */
  constructor(verb: string, output: Output, style: Style, isUnicode: boolean, talkThrough: (output: Pick<Output, 'write'>) => Talk) {
    this.#verb = verb
    this.#output = output
    this.#style = style
    this.#glyphs = isUnicode ? ['\u2588', '\u2591'] : ['#', '-']
    this.#talk = talkThrough({ write: (text) => this.#writeAbove(text) })
  }

  follow(events: Events<VerbEvents>): void {
    sayEvents(events, this.#talk)
    events.on('progress', (progress) => this.#draw(progress))
    events.on('done', (done) => {
      this.stop()
      this.#talk.succeed(doneSentence(this.#verb, done))
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
    this.#bar?.stop()
    this.#bar = undefined
  }

  /** Takes the bar off the screen while a result is printed, which may be on the same terminal. */
  pause(print: () => void): void {
    if (this.#bar !== undefined) this.#output.write('\r\u001b[K')
    print()
    this.#redraw()
  }

  #draw(progress: ProgressEvent): void {
    if (this.#bar !== undefined) {
      this.#bar.update(progress.bytesDone, { progress })
      return
    }
    const stream = new TerminalStream(this.#output)
    this.#bar = new SingleBar({
      stream,
      format: (_options, _params, payload: { progress: ProgressEvent }) => this.#lineFor(payload.progress),
      clearOnComplete: true,
      gracefulExit: false,
      linewrap: true,
      hideCursor: false,
      fps: 8,
    })
    this.#bar.start(progress.bytesTotal, progress.bytesDone, { progress })
  }

  #lineFor(progress: ProgressEvent): string {
    const { bold, cyan, dim } = this.#style
    const room = this.#output.columns - SPARE_COLUMNS
    const word = phaseWords[progress.phase]
    const figures = [...progressFigures(progress)]
    if (!hasEnd(progress)) {
      while (figures.length > 1 && widthOf(word, figures) > room) figures.pop()
      return `${bold(word)}  ${figures.join('  ')}`.slice(0, room + 8)
    }
    const percent = `${String(percentOf(progress.bytesDone, progress.bytesTotal)).padStart(3)} %`
    while (figures.length > 1 && widthOf(word, [percent, ...figures]) + 2 + NARROWEST_BAR > room) figures.pop()
    if (this.#columns !== this.#output.columns) this.#barWidth = WIDEST_BAR
    this.#columns = this.#output.columns
    this.#barWidth = Math.max(0, Math.min(this.#barWidth, room - widthOf(word, [percent, ...figures]) - 2))
    const full = Math.floor((this.#barWidth * progress.bytesDone) / progress.bytesTotal)
    const bar = cyan(this.#glyphs[0].repeat(full)) + dim(this.#glyphs[1].repeat(this.#barWidth - full))
    return `${bold(word)}  ${bar}  ${percent}  ${figures.join('  ')}`
  }

  #writeAbove(text: string): void {
    this.#output.write(this.#bar === undefined ? text : `\r\u001b[K${text}`)
    this.#redraw()
  }

  #redraw(): void {
    if (this.#bar === undefined) return
    // The library draws only what differs from what it drew last; the line was erased, so it must be drawn again.
    Object.assign(this.#bar, { lastDrawnString: '' })
    this.#bar.render()
  }
}

function widthOf(word: string, figures: readonly string[]): number {
  return word.length + figures.reduce((sum, figure) => sum + 2 + figure.length, 0)
}
