import type { EventQueue } from './event-queue.ts'
import type { Flow, Line } from './line.ts'
import type { Carrier, Parcel } from './parcel.ts'
import type { ParcelPool } from './parcel-pool.ts'

/** What the system takes from a sender before it has left: the buffer of a socket. */
const SOCKET_BUFFER_BYTES = 131_072

/** A way's place in one of its lines. */
class Stage implements Flow<Parcel> {
  readonly queue: Parcel[] = []
  finish = 0
  isActive = false
  readonly line: Line<Parcel>
  readonly #cross: (parcel: Parcel) => void

  constructor(line: Line<Parcel>, cross: (parcel: Parcel) => void) {
    this.line = line
    this.#cross = cross
  }

  onCrossed(parcel: Parcel): void {
    this.#cross(parcel)
  }
}

/** What a way tells the ends of its connection. */
export interface WayEnds {
  /** The parcel is there. */
  deliver(parcel: Parcel): void
  /** The parcel has left the sender. */
  onLeft(parcel: Parcel): void
}

/**
 * One direction of a connection: the sender's line, the delay, and the lines behind it. Everything arrives in the order in which
 * it was sent. Messages that are sent while blocks are under way ride with the last of them, as they would stand behind them in
 * a socket; else they pass at once, and only take their time from the lines.
 */
export class Way implements Carrier {
  readonly #events: EventQueue
  readonly #parcels: ParcelPool
  readonly #route: readonly Line<Parcel>[]
  readonly #latencyMs: number
  readonly #ends: WayEnds
  #stages: readonly Stage[] | undefined
  /** Blocks that are not let out yet. */
  readonly #held: Parcel[] = []
  /** The parcel that crosses the sender's line, one at a time. */
  #leaving: Parcel | undefined
  /** Bytes of blocks that were given, and those of them that have left the sender's line. */
  #givenBytes = 0
  #leftBytes = 0
  /** Parcels that the system has not taken. */
  readonly #unaccepted: Parcel[] = []
  /** The last parcel with blocks that is not delivered. */
  #lastFreight: Parcel | undefined
  /** The last parcel without blocks: takes what else is said at the same moment. */
  #lastLetter: Parcel | undefined
  #isBroken = false

  constructor(events: EventQueue, parcels: ParcelPool, route: readonly Line<Parcel>[], latencyMs: number, ends: WayEnds) {
    this.#events = events
    this.#parcels = parcels
    this.#route = route
    this.#latencyMs = latencyMs
    this.#ends = ends
  }

  /** The parcel in which a message of `bytes` that is said now leaves. */
  letter(bytes: number): Parcel {
    const nowMs = this.#events.nowMs()
    for (const line of this.#route) line.charge(bytes)
    let parcel = this.#lastFreight
    if (parcel === undefined) {
      parcel = this.#lastLetter
      if (parcel?.sentMs !== nowMs) {
        parcel = this.#parcels.take()
        parcel.sentMs = nowMs
        this.#lastLetter = parcel
        this.#post(parcel)
      }
      parcel.bytes += bytes
    }
    return parcel
  }

  /** Sends a parcel with blocks. */
  send(parcel: Parcel): void {
    this.#lastFreight = parcel
    this.#givenBytes += parcel.bytes
    parcel.endsAtBytes = this.#givenBytes
    this.#held.push(parcel)
    this.#unaccepted.push(parcel)
    this.#letOut()
    this.#accept()
  }

  /** The system takes what fits into the socket's buffer, whatever stands behind it. */
  #accept(): void {
    for (let parcel = this.#unaccepted[0]; parcel !== undefined; parcel = this.#unaccepted[0]) {
      if (parcel.endsAtBytes - this.#leftBytes > SOCKET_BUFFER_BYTES) return
      this.#unaccepted.shift()
      this.#ends.onLeft(parcel)
    }
  }

  /** Bytes that the system has not taken. */
  get queuedBytes(): number {
    return Math.max(0, this.#givenBytes - this.#leftBytes - SOCKET_BUFFER_BYTES)
  }

  /** Everything that is under way is lost; returns what had not left yet. */
  break(): Parcel[] {
    this.#isBroken = true
    const unsent = [...this.#unaccepted]
    for (const stage of this.#stages ?? []) stage.line.drop(stage)
    this.#held.length = 0
    this.#lastFreight = undefined
    return unsent
  }

  /** The parcel has crossed the distance between the sender's line and the next one. */
  onArrival(parcel: Parcel): void {
    if (this.#isBroken) return
    // Whoever reads it may use it again for something else.
    if (this.#lastLetter === parcel) this.#lastLetter = undefined
    if (parcel.hasBlocks) this.#enter(1, parcel)
    else this.#ends.deliver(parcel)
  }

  /** The next parcel leaves when the one before has left, as long as none waits behind another one of ours further on: so TCP settles. */
  #letOut(): void {
    if (this.#leaving !== undefined || this.#isBackedUp()) return
    this.#leaving = this.#held.shift()
    if (this.#leaving !== undefined) this.#enter(0, this.#leaving)
  }

  #isBackedUp(): boolean {
    for (let index = 1; this.#stages !== undefined && index < this.#stages.length; index++) {
      if ((this.#stages[index] as Stage).queue.length > 1) return true
    }
    return false
  }

  #enter(index: number, parcel: Parcel): void {
    this.#stages ??= this.#route.map((line, number) => new Stage(line, (crossed) => this.#onCrossed(number, crossed)))
    const stage = this.#stages[index]
    if (stage === undefined) this.#arrive(parcel)
    else stage.line.enter(stage, parcel)
  }

  #onCrossed(index: number, parcel: Parcel): void {
    if (index > 0) this.#enter(index + 1, parcel)
    else {
      this.#leftBytes = parcel.endsAtBytes
      this.#leaving = undefined
      this.#post(parcel)
      this.#accept()
    }
    this.#letOut()
  }

  /** Lets `parcel` cross the distance. */
  #post(parcel: Parcel): void {
    parcel.carrier = this
    this.#events.plan(this.#events.nowMs() + this.#latencyMs, parcel)
  }

  #arrive(parcel: Parcel): void {
    if (this.#lastFreight === parcel) this.#lastFreight = undefined
    this.#ends.deliver(parcel)
  }
}
