import type { EventQueue, Happening } from './event-queue.ts'

/** What crosses a line. */
export interface Freight {
  readonly bytes: number
}

/** One connection as a line serves it: what waits there, in order. Only the first in the row is being served. */
export interface Flow<Item extends Freight> {
  /** Waiting at this line, the one being served first. */
  readonly queue: Item[]
  /** Up to which point of the line's service (bytes for each active flow) the first in the row needs it. */
  finish: number
  /** True while the line serves this flow. */
  isActive: boolean
  /** The first in the row has crossed the line. */
  onCrossed(item: Item): void
}

/**
 * A line that gives each flow that has something to send an equal share of its capacity, at every moment (processor sharing). It is
 * exact and costs one heap step for each item: time is counted in service, the bytes that one active flow has been given so far, and
 * then an item ends at a point of service that does not change when others come and go.
 */
export class Line<Item extends Freight> implements Happening {
  readonly #events: EventQueue
  readonly #bytesPerMs: number
  /** Bytes that each active flow has been given since the beginning. */
  #service = 0
  #servedMs = 0
  /** Bytes that took the line outside of any flow (small messages), still to be made up for. */
  #debtBytes = 0
  /** Active flows, the one that ends first at the front (a binary heap). */
  readonly #active: Flow<Item>[] = []
  /** When the next look is planned; `Infinity` if none is. */
  #plannedMs = Number.POSITIVE_INFINITY
  /** Looks in the queue that were overtaken by an earlier one. */
  #staleLooks = 0
  totalBytes = 0

  constructor(events: EventQueue, bytesPerSecond: number) {
    this.#events = events
    this.#bytesPerMs = bytesPerSecond / 1_000
  }

  /** Adds `item` to what `flow` sends here. */
  enter(flow: Flow<Item>, item: Item): void {
    flow.queue.push(item)
    if (flow.isActive) return
    this.#advance()
    this.#activate(flow, item)
    this.#look()
  }

  /** Small messages that pass at once, between the items of the flows: they take their time from everybody. */
  charge(bytes: number): void {
    this.totalBytes += bytes
    if (this.#active.length > 0) this.#debtBytes += bytes
  }

  /** Takes a flow off the line with everything that waits: the connection broke. */
  drop(flow: Flow<Item>): void {
    flow.queue.length = 0
    if (!flow.isActive) return
    this.#advance()
    flow.isActive = false
    this.#remove(this.#active.indexOf(flow))
    this.#look()
  }

  happen(): void {
    if (this.#staleLooks > 0 && this.#events.nowMs() < this.#plannedMs) {
      this.#staleLooks--
      return
    }
    this.#plannedMs = Number.POSITIVE_INFINITY
    this.#advance()
    for (let flow = this.#active[0]; flow !== undefined && flow.finish <= this.#service + 1e-6; flow = this.#active[0]) {
      const item = flow.queue.shift()
      const next = flow.queue[0]
      flow.isActive = false
      this.#remove(0)
      if (next !== undefined) this.#activate(flow, next)
      if (item === undefined) continue
      this.totalBytes += item.bytes
      flow.onCrossed(item)
    }
    this.#look()
  }

  #activate(flow: Flow<Item>, item: Item): void {
    flow.isActive = true
    flow.finish = this.#service + item.bytes
    this.#active.push(flow)
    this.#rise(this.#active.length - 1)
  }

  /** Gives everybody their share of the time that has passed. */
  #advance(): void {
    const nowMs = this.#events.nowMs()
    const active = this.#active.length
    if (active > 0) {
      let bytes = (nowMs - this.#servedMs) * this.#bytesPerMs
      const repaid = Math.min(bytes, this.#debtBytes)
      this.#debtBytes -= repaid
      bytes -= repaid
      this.#service += bytes / active
    }
    this.#servedMs = nowMs
  }

  /** Plans the moment at which the first flow ends; a look that comes too early just looks again. */
  #look(): void {
    const first = this.#active[0]
    if (first === undefined) return
    const bytes = Math.max(0, first.finish - this.#service) * this.#active.length + this.#debtBytes
    const atMs = this.#events.nowMs() + bytes / this.#bytesPerMs
    if (atMs >= this.#plannedMs) return
    if (this.#plannedMs < Number.POSITIVE_INFINITY) this.#staleLooks++
    this.#plannedMs = atMs
    this.#events.plan(atMs, this)
  }

  #remove(index: number): void {
    const last = this.#active.pop()
    if (last === undefined || index === this.#active.length) return
    this.#active[index] = last
    this.#rise(index)
    this.#sink(index)
  }

  #rise(from: number): void {
    const heap = this.#active
    const flow = heap[from] as Flow<Item>
    let index = from
    while (index > 0) {
      const parent = (index - 1) >> 1
      if ((heap[parent] as Flow<Item>).finish <= flow.finish) break
      heap[index] = heap[parent] as Flow<Item>
      index = parent
    }
    heap[index] = flow
  }

  #sink(from: number): void {
    const heap = this.#active
    const flow = heap[from] as Flow<Item>
    let index = from
    for (;;) {
      let least = index * 2 + 1
      if (least >= heap.length) break
      if (least + 1 < heap.length && (heap[least + 1] as Flow<Item>).finish < (heap[least] as Flow<Item>).finish) least++
      if (flow.finish <= (heap[least] as Flow<Item>).finish) break
      heap[index] = heap[least] as Flow<Item>
      index = least
    }
    heap[index] = flow
  }
}
