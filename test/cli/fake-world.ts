import type { StopSignal, World } from '../../src/cli/world.ts'
import { ManualClock } from '../support/manual-clock.ts'

/** A world whose streams are texts, whose clock stands still, and whose signals are sent by the test. */
export class FakeWorld implements World {
  out = ''
  err = ''
  readonly env: Record<string, string>
  readonly cwd: string
  readonly home: string | undefined
  readonly clock: ManualClock = new ManualClock()
  readonly stdout: World['stdout']
  readonly stderr: World['stderr']
  readonly #listeners = new Set<(signal: StopSignal) => void>()

  constructor(
    detail: { cwd?: string; home?: string | undefined; env?: Record<string, string>; isTerminal?: boolean; columns?: number } = {},
  ) {
    const { cwd = '/build', env = {}, isTerminal = false, columns = 80 } = detail
    this.cwd = cwd
    this.home = 'home' in detail ? detail.home : '/home/somebody'
    this.env = env
    this.stdout = { write: (text) => this.#take('out', text), fault: undefined, isTerminal, columns }
    this.stderr = { write: (text) => this.#take('err', text), fault: undefined, isTerminal, columns }
  }

  #take(stream: 'out' | 'err', text: string): void {
    this[stream] += text
  }

  now(): Date {
    return new Date(Date.UTC(2026, 0, 2, 3, 4, 5) + this.clock.nowMs())
  }

  onSignal(listener: (signal: StopSignal) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Sends a signal to whoever listens. */
  send(signal: StopSignal): void {
    for (const listener of [...this.#listeners]) listener(signal)
  }

  /** Signal listeners that were not taken away. */
  get listenerCount(): number {
    return this.#listeners.size
  }

  /** The lines of stdout, parsed as JSON. */
  get records(): readonly Record<string, unknown>[] {
    return this.out
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
  }
}
