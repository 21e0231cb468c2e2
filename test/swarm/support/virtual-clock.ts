import type { Clock, Timer } from '../../../src/base/clock.ts'

/** A call that waits for its time; `order` decides between calls of the same instant. */
interface Due extends Timer {
  readonly atMs: number
  readonly order: number
  run: (() => void) | undefined
}

/**
 * Time that passes only when told to. Calls of one instant run in the order in which they were planned, and everything that they
 * put into the microtask queue runs before time moves on: the same test gives the same run every time.
 */
export class VirtualClock implements Clock {
  #nowMs = 0
  #planned = 0
  /** A binary heap, the next call at the front. */
  readonly #heap: Due[] = []

  nowMs(): number {
    return this.#nowMs
  }

  after(delayMs: number, run: () => void): Timer {
    return this.#plan(Math.max(0, delayMs), run)
  }

  every(periodMs: number, run: () => void): Timer {
    let next: Timer
    const again = (): void => {
      next = this.#plan(periodMs, again)
      run()
    }
    next = this.#plan(periodMs, again)
    return { cancel: (): void => next.cancel() }
  }

  soon(run: () => void): void {
    queueMicrotask(run)
  }

  /** Calls still planned, cancelled ones left out: 0 when nothing was left behind. */
  get pending(): number {
    return this.#heap.reduce((count, due) => (due.run === undefined ? count : count + 1), 0)
  }

  /** Lets `durationMs` pass. */
  async advance(durationMs: number): Promise<void> {
    await this.#runTo(this.#nowMs + durationMs, () => false)
  }

  /** Lets time pass until `isReached`, `limitMs` at most; tells whether it was reached. */
  async until(isReached: () => boolean, limitMs: number): Promise<boolean> {
    return await this.#runTo(this.#nowMs + limitMs, isReached)
  }

  async #runTo(endMs: number, isReached: () => boolean): Promise<boolean> {
    await microtasksDone()
    while (!isReached()) {
      const next = this.#heap[0]
      if (next === undefined || next.atMs > endMs) {
        this.#nowMs = endMs
        return false
      }
      this.#nowMs = next.atMs
      for (let due = this.#heap[0]; due !== undefined && due.atMs === this.#nowMs; due = this.#heap[0]) {
        this.#takeFirst()
        due.run?.()
      }
      await microtasksDone()
    }
    return true
  }

  #plan(delayMs: number, run: () => void): Timer {
    const due: Due = {
      atMs: this.#nowMs + delayMs,
      order: this.#planned++,
      run,
      cancel: (): void => {
        due.run = undefined
      },
    }
    this.#heap.push(due)
    this.#rise(this.#heap.length - 1)
    return due
  }

  #takeFirst(): void {
    const last = this.#heap.pop()
    if (last === undefined || this.#heap.length === 0) return
    this.#heap[0] = last
    this.#sink(0)
  }

  #rise(from: number): void {
    let index = from
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (!this.#isBefore(index, parent)) return
      this.#swap(index, parent)
      index = parent
    }
  }

  #sink(from: number): void {
    let index = from
    for (;;) {
      const left = index * 2 + 1
      let first = index
      if (left < this.#heap.length && this.#isBefore(left, first)) first = left
      if (left + 1 < this.#heap.length && this.#isBefore(left + 1, first)) first = left + 1
      if (first === index) return
      this.#swap(index, first)
      index = first
    }
  }

  #isBefore(first: number, second: number): boolean {
    const one = this.#heap[first] as Due
    const other = this.#heap[second] as Due
    return one.atMs === other.atMs ? one.order < other.order : one.atMs < other.atMs
  }

  #swap(first: number, second: number): void {
    const kept = this.#heap[first] as Due
    this.#heap[first] = this.#heap[second] as Due
    this.#heap[second] = kept
  }
}

/** Node empties the microtask queue, whatever its tasks add to it, before it runs the next tick. */
function microtasksDone(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve))
}
