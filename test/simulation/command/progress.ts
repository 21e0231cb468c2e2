import type { Simulation } from '../simulation.ts'

/** A terminal sees one line that changes; a log gets a line now and then. */
const TERMINAL_PERIOD_MS = 500
const LOG_PERIOD_MS = 10_000

/** Tells how far a run has come. */
export class Progress {
  readonly #run: Simulation
  readonly #stream: { write(text: string): unknown; readonly isTTY?: boolean }
  readonly #startedMs = performance.now()
  #toldMs = this.#startedMs

  constructor(run: Simulation, stream: { write(text: string): unknown; readonly isTTY?: boolean }) {
    this.#run = run
    this.#stream = stream
  }

  /** Since the run began. */
  get wallSeconds(): number {
    return (performance.now() - this.#startedMs) / 1_000
  }

  /** Tells it, unless it was told just now. */
  tell(): void {
    const isTerminal = this.#stream.isTTY === true
    const nowMs = performance.now()
    if (nowMs - this.#toldMs < (isTerminal ? TERMINAL_PERIOD_MS : LOG_PERIOD_MS)) return
    this.#toldMs = nowMs
    this.#stream.write(isTerminal ? `\r\u001b[2K${this.#line()}` : `${this.#line()}\n`)
  }

  /** Takes the line off a terminal. */
  end(): void {
    if (this.#stream.isTTY === true) this.#stream.write('\r\u001b[2K')
  }

  #line(): string {
    const { events, boundMs, completed, leeches } = this.#run
    const atSeconds = (events.nowMs() / 1_000).toFixed(1)
    const million = (events.happened / 1e6).toFixed(1)
    const passed = `${atSeconds} s (${(events.nowMs() / boundMs).toFixed(2)} x the bound)`
    return `${passed}, ${completed} of ${leeches.length} hosts done, ${million} M events, ${this.wallSeconds.toFixed(0)} s on the clock`
  }
}
