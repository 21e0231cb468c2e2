import type { Dispatcher } from 'undici'
import type { Clock, Timer } from '../../base/clock.ts'
import { DistroError } from '../../base/errors.ts'
import { HttpAnswer } from '../answers/http-answer.ts'
import { LEAST_PROGRESS_BYTES } from '../time-outs.ts'

/** Who is told how one request goes. */
export interface HopListener {
  /** The connection stands and the request is on its way. */
  onSent(): void
  /** The header came; true if the body is wanted. */
  onAnswer(answer: HttpAnswer): boolean
  onBody(bytes: Uint8Array): void
  /** It is paused, and so much of the body came that no more is read: that nothing comes is not the server's doing any more. */
  onHoldBack(): void
  onBodyEnd(): void
  onError(error: unknown): void
}

/** One request and its answer, without redirects. */
export class HttpHop implements Dispatcher.DispatchHandler {
  readonly #url: URL
  readonly #clock: Clock
  readonly #listener: HopListener
  readonly #held: Uint8Array[] = []
  #controller: Dispatcher.DispatchController | undefined
  #isPaused: boolean
  #isOver = false
  #heldBytes = 0
  #isEndHeld = false
  #hasEnded = false
  #discardedBytes = 0
  #discard: Timer | undefined

  constructor(url: URL, clock: Clock, listener: HopListener, isPaused: boolean) {
    this.#url = url
    this.#clock = clock
    this.#listener = listener
    this.#isPaused = isPaused
  }

  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    this.#isPaused = false
    while (!this.#isPaused && !this.#isOver && this.#held.length > 0) {
      const bytes = this.#held.shift() as Uint8Array
      this.#heldBytes -= bytes.length
      this.#listener.onBody(bytes)
    }
    if (this.#isPaused || this.#isOver) return
    if (this.#isEndHeld) this.#end()
    else if (this.#controller?.paused === true) this.#controller.resume()
  }

  /** True if it is by our doing that nothing comes. */
  get isHoldingBack(): boolean {
    return this.#isPaused && (this.#isEndHeld || this.#controller?.paused === true)
  }

  /** Nothing more is wanted; the listener hears nothing any more. */
  leave(): void {
    if (this.#isOver) return
    this.#isOver = true
    if (!this.#hasEnded) this.#controller?.abort(LEFT)
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#isOver) controller.abort(LEFT)
    else this.#listener.onSent()
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: Record<string, string | string[] | undefined>): void {
    // Remarks on the way (100, 102, 103) are no answer.
    if (status < 200 || this.#isOver) return
    const answer = new HttpAnswer(status, this.#url, headers)
    if (!this.#listener.onAnswer(answer)) this.#finish(controller, answer)
  }

  onResponseData(controller: Dispatcher.DispatchController, bytes: Uint8Array): void {
    if (this.#isOver) this.#count(controller, bytes.length)
    // Whoever reads the socket may use the memory of a chunk again as soon as this returns.
    else if (this.#isPaused || this.#held.length > 0) this.#hold(controller, Uint8Array.from(bytes))
    else this.#listener.onBody(bytes)
  }

  onResponseEnd(): void {
    this.#discard?.cancel()
    if (this.#isOver) return
    if (this.#held.length > 0 || this.#isPaused) this.#holdEnd()
    else this.#end()
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    this.#discard?.cancel()
    if (this.#isOver || this.#hasEnded) return
    this.#isOver = true
    this.#listener.onError(error)
  }

  /** Goes on reading until it has what nobody would call silence, so that who sends next to nothing does not profit from our pauses. */
  #hold(controller: Dispatcher.DispatchController, bytes: Uint8Array): void {
    this.#held.push(bytes)
    this.#heldBytes += bytes.length
    if (!this.#isPaused || this.#heldBytes < LEAST_PROGRESS_BYTES) return
    controller.pause()
    this.#listener.onHoldBack()
  }

  #holdEnd(): void {
    this.#isEndHeld = true
    this.#listener.onHoldBack()
  }

  /** Tells of the end two turns later, when the connection is free for the request that follows. */
  #end(): void {
    this.#hasEnded = true
    setImmediate(() => setImmediate(() => this.#tellEnd()))
  }

  #tellEnd(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#listener.onBodyEnd()
  }

  /** Reads a small body that nobody wants to its end, so that the connection can serve the next request; else lets go of both. */
  #finish(controller: Dispatcher.DispatchController, answer: HttpAnswer): void {
    this.#isOver = true
    const announced = Number(answer.header('content-length') ?? Number.NaN)
    if (announced <= MAX_DISCARDED_BYTES) this.#discard = this.#clock.after(MAX_DISCARD_MS, () => controller.abort(LEFT))
    else controller.abort(LEFT)
  }

  #count(controller: Dispatcher.DispatchController, bytes: number): void {
    this.#discardedBytes += bytes
    if (this.#discardedBytes > MAX_DISCARDED_BYTES) controller.abort(LEFT)
  }
}

const MAX_DISCARDED_BYTES = 65_536
const MAX_DISCARD_MS = 5_000
const LEFT = new DistroError('INTERRUPTED', 'Nobody waits for the answer any more.')
