import type { Clock, Timer } from '../../src/base/clock.ts'

/** Something that happens at a moment; objects that happen often implement it themselves, so that no closure is made for each time. */
export interface Happening {
  happen(): void
}

/** A planned call of the engine's; cancelled ones stay in the queue and do nothing. */
class PlannedCall implements Happening, Timer {
  #run: (() => void) | undefined

  constructor(run: () => void) {
    this.#run = run
  }

  happen(): void {
    const run = this.#run
    this.#run = undefined
    run?.()
  }

  cancel(): void {
    this.#run = undefined
  }
}

/**
 * Virtual time for very many events: a heap with four children a node in flat arrays, and no promise anywhere. What happens at the
 * same moment happens in the order in which it was planned, so a run is the same event for event whenever it is repeated.
 */
export class EventQueue implements Clock {
  #nowMs = 0
  #planned = 0
  #size = 0
  #happened = 0
  #times = new Float64Array(1024)
  /** Breaks ties between equal times. */
  #orders = new Float64Array(1024)
  readonly #happenings: (Happening | undefined)[] = []
  #soon: (() => void)[] = []

  nowMs(): number {
    return this.#nowMs
  }

  /** Events that have happened so far. */
  get happened(): number {
    return this.#happened
  }

  after(delayMs: number, run: () => void): Timer {
    const call = new PlannedCall(run)
    this.plan(this.#nowMs + Math.max(0, delayMs), call)
    return call
  }

  every(periodMs: number, run: () => void): Timer {
    let next: Timer
    const again = (): void => {
      next = this.after(periodMs, again)
      run()
    }
    next = this.after(periodMs, again)
    return { cancel: (): void => next.cancel() }
  }

  soon(run: () => void): void {
    this.#soon.push(run)
  }

  /** Lets `happening` happen at `atMs`, which must not lie in the past. */
  plan(atMs: number, happening: Happening): void {
    if (this.#size === this.#times.length) this.#grow()
    const order = this.#planned++
    let index = this.#size++
    // The hole rises to where the new entry belongs.
    while (index > 0) {
      const parent = (index - 1) >> 2
      const parentMs = this.#times[parent] as number
      if (parentMs < atMs || (parentMs === atMs && (this.#orders[parent] as number) < order)) break
      this.#move(parent, index)
      index = parent
    }
    this.#times[index] = atMs
    this.#orders[index] = order
    this.#happenings[index] = happening
  }

  /** Lets time pass up to `endMs`, or until `isOver` says so; it is asked after each event. */
  run(endMs: number, isOver: () => boolean): void {
    this.#settle()
    while (!isOver()) {
      if (this.#size === 0 || (this.#times[0] as number) > endMs) {
        this.#nowMs = endMs
        return
      }
      this.#nowMs = this.#times[0] as number
      const first = this.#happenings[0]
      this.#removeFirst()
      this.#happened++
      first?.happen()
      if (this.#soon.length > 0) this.#settle()
    }
  }

  #settle(): void {
    while (this.#soon.length > 0) {
      const calls = this.#soon
      this.#soon = []
      for (const call of calls) call()
    }
  }

  #removeFirst(): void {
    const last = --this.#size
    const lastMs = this.#times[last] as number
    const lastOrder = this.#orders[last] as number
    const lastHappening = this.#happenings[last]
    this.#happenings[last] = undefined
    if (last === 0) return
    let index = 0
    for (;;) {
      const firstChild = index * 4 + 1
      if (firstChild >= last) break
      let least = firstChild
      const end = Math.min(firstChild + 4, last)
      for (let child = firstChild + 1; child < end; child++) if (this.#isBefore(child, least)) least = child
      const leastMs = this.#times[least] as number
      if (lastMs < leastMs || (lastMs === leastMs && lastOrder < (this.#orders[least] as number))) break
      this.#move(least, index)
      index = least
    }
    this.#times[index] = lastMs
    this.#orders[index] = lastOrder
    this.#happenings[index] = lastHappening
  }

  #isBefore(first: number, second: number): boolean {
    const firstMs = this.#times[first] as number
    const secondMs = this.#times[second] as number
    return firstMs < secondMs || (firstMs === secondMs && (this.#orders[first] as number) < (this.#orders[second] as number))
  }

  #move(from: number, to: number): void {
    this.#times[to] = this.#times[from] as number
    this.#orders[to] = this.#orders[from] as number
    this.#happenings[to] = this.#happenings[from]
  }

  #grow(): void {
    const times = new Float64Array(this.#times.length * 2)
    times.set(this.#times)
    this.#times = times
    const orders = new Float64Array(times.length)
    orders.set(this.#orders)
    this.#orders = orders
  }
}
