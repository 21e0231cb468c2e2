import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Clock, Timer } from '../base/clock.ts'
import { plainHost } from '../wire/compact-address.ts'
import type { Visitor } from '../wire/incoming-quota.ts'
import type { BodySender } from './body-sender.ts'
import { ConnectionLine, type WaitingRequests } from './connection-line.ts'
import { WEB_SERVER_LIMITS } from './web-server-limits.ts'

/** One connection to the web server. */
export class Visit implements Visitor {
  readonly host: string
  /** There is no place for it: it gets one answer, which says so. */
  readonly isSurplus: boolean
  /** What is being sent to it now. */
  sender: BodySender | undefined
  readonly #socket: Socket
  readonly #line: ConnectionLine
  #isPaused = false
  /** A part of a request is here, and the rest was not read because we did not want to. */
  #owesRequest = false
  #deadline: Timer | undefined

  constructor(socket: Socket, isSurplus: boolean, waiting: WaitingRequests) {
    this.#socket = socket
    this.host = plainHost(socket.remoteAddress ?? '')
    this.isSurplus = isSurplus
    this.#line = new ConnectionLine(waiting)
    // The HTTP server reads on after each request of its own accord; nothing is read before this is told.
    socket.on('resume', () => {
      if (this.#isPaused) socket.pause()
    })
  }

  /** True while no request of it is worked on. */
  get isIdle(): boolean {
    return this.#line.isIdle
  }

  /** What its requests that wait take, in bytes. */
  get waitingBytes(): number {
    return this.#line.bytes
  }

  /** Calls `answer` when all requests before `request` are done; `next` must follow. While too much waits, nothing more is read. */
  take(request: IncomingMessage, answer: () => void): void {
    this.#owesRequest = false
    this.#deadline?.cancel()
    this.#line.join(bytesOf(request), answer)
    if (!this.#line.isFull) return
    this.#isPaused = true
    this.#socket.pause()
  }

  /** The request that was worked on is done. The rest of one that is half here has to come within `headersTimeoutMs` from now on. */
  next(clock: Clock, headersTimeoutMs: number): void {
    this.#line.next()
    if (!this.#isPaused || this.#line.isFull) return
    this.#isPaused = false
    if (this.#owesRequest) this.#deadline = clock.after(headersTimeoutMs, () => this.evict())
    this.#socket.resume()
  }

  /** True if it is not the client's fault that a request did not come whole in time. */
  excuse(): boolean {
    this.#owesRequest ||= this.#isPaused
    return this.#isPaused
  }

  evict(): void {
    this.end()
    this.#socket.destroy()
  }

  /** The connection is gone. */
  end(): void {
    this.#deadline?.cancel()
    this.#line.clear()
    this.sender?.close()
    this.sender = undefined
  }
}

/** Memory that a request takes while it waits; an estimate. */
function bytesOf({ url = '', rawHeaders }: IncomingMessage): number {
  const { requestBytes, headerTextBytes } = WEB_SERVER_LIMITS
  return rawHeaders.reduce((sum, text) => sum + text.length + headerTextBytes, requestBytes + url.length)
}
