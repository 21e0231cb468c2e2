import type { Clock } from '../../base/clock.ts'
import type { HttpAnswer } from '../answers/http-answer.ts'
import { isRedirect, redirectTarget } from '../answers/redirect.ts'
import { type AddressRules, firstRules, redirectRules } from '../connections/address-rules.ts'
import { connectionFault, isClosedConnection } from '../connections/connection-fault.ts'
import type { HttpConnections } from '../connections/http-connections.ts'
import { redactUrl } from '../credentials/redact-url.ts'
import { failure } from '../failure.ts'
import { LEAST_PROGRESS_BYTES, type WebSeedTimeOuts } from '../time-outs.ts'
import type { NamedBy, RangeRead, RangeReader, WebSeedFailure } from '../web-seed.ts'
import { HttpHop } from './http-hop.ts'
import { PausableTimer } from './pausable-timer.ts'

/** What the header of an answer makes of its body: the bytes asked for, nothing, or a short text that says why there are none. */
export type HttpVerdict =
  | { readonly kind: 'content'; readonly lengthBytes: number }
  | { readonly kind: 'failure'; readonly failure: WebSeedFailure }
  | { readonly kind: 'remark'; readonly explain: (text: string) => WebSeedFailure }

/** One GET request. */
export interface HttpRequest {
  readonly url: URL
  readonly namedBy: NamedBy
  /** True if the query of `url` is of our making, and so nothing that a stranger could use. */
  readonly isQueryOurs?: boolean
  /** What is sent to `url`, which is another one after a redirect. */
  headersFor(url: URL): Readonly<Record<string, string>>
  /** `hadCredentials` tells whether any were sent to the server that answers. */
  judge(answer: HttpAnswer, hadCredentials: boolean): HttpVerdict
}

/** What requests are made with. */
export interface ExchangeParts {
  readonly connections: HttpConnections
  readonly clock: Clock
  readonly timeOuts: WebSeedTimeOuts
}

/**
 * One request, and the bytes that answer it: follows at most 3 redirects, asks once more when a kept connection turns out to be
 * closed, keeps the time-outs, and gives exactly as many bytes as were judged right or fails. Begins when `start` is called.
 */
export class HttpExchange implements RangeRead {
  readonly #request: HttpRequest
  readonly #parts: ExchangeParts
  readonly #reader: RangeReader
  readonly #timer: PausableTimer
  #url: URL
  #rules: AddressRules
  #hop: HttpHop | undefined
  #verdict: HttpVerdict | undefined
  #redirects = 0
  #hadCredentials = false
  #mayAskAgain = true
  #isPaused = false
  #isOver = false
  #receivedBytes = 0
  #markBytes = 0
  #markMs = 0
  #remark = ''

  constructor(request: HttpRequest, parts: ExchangeParts, reader: RangeReader) {
    this.#request = request
    this.#parts = parts
    this.#reader = reader
    this.#timer = new PausableTimer(parts.clock)
    this.#url = request.url
    this.#rules = firstRules(request.isQueryOurs === true ? withoutQuery(request.url) : request.url, request.namedBy)
  }

  start(): this {
    void this.#ask()
    return this
  }

  pause(): void {
    this.#isPaused = true
    this.#hop?.pause()
  }

  resume(): void {
    if (!this.#isPaused) return
    this.#isPaused = false
    this.#hop?.resume()
    if (this.#hop?.isHoldingBack !== true) this.#timer.resume()
  }

  cancel(): void {
    this.#isOver = true
    this.#timer.clear()
    this.#hop?.leave()
  }

  async #ask(): Promise<void> {
    const url = this.#url
    const { connectMs } = this.#parts.timeOuts
    const proxy = this.#parts.connections.proxyFor(url)
    const whom = proxy === undefined ? '' : ` through the proxy ${proxy}`
    this.#timer.set(connectMs, () =>
      this.#end(failure('unreachable', `${this.#name} cannot be reached${whom}: no connection stands after ${connectMs / 1_000} s.`)),
    )
    try {
      const dispatcher = await this.#parts.connections.dispatcherFor(url, this.#rules)
      if (this.#isOver) return
      const hop = this.#newHop()
      this.#hop = hop
      const headers: Readonly<Record<string, string>> = {
        'user-agent': 'distro',
        'accept-encoding': 'identity',
        ...this.#request.headersFor(url),
      }
      this.#hadCredentials = headers.authorization !== undefined
      dispatcher.dispatch({ origin: url.origin, path: `${url.pathname}${url.search}`, method: 'GET', headers }, hop)
    } catch (error) {
      this.#end(connectionFault(error, this.#name, this.#parts.connections.proxyFor(this.#url)))
    }
  }

  #newHop(): HttpHop {
    const listener = {
      onSent: (): void => this.#waitForAnswer(),
      onAnswer: (answer: HttpAnswer): boolean => this.#take(answer),
      onBody: (bytes: Uint8Array): void => this.#takeBody(bytes),
      onHoldBack: (): void => this.#timer.pause(),
      onBodyEnd: (): void => this.#takeBodyEnd(),
      onError: (error: unknown): void => this.#takeError(error),
    }
    return new HttpHop(this.#url, this.#parts.clock, listener, this.#isPaused)
  }

  #waitForAnswer(): void {
    const { answerMs } = this.#parts.timeOuts
    this.#timer.set(answerMs, () => this.#end(failure('silent', `${this.#name} gives no answer within ${answerMs / 1_000} s.`)))
  }

  /** True if the body is wanted. */
  #take(answer: HttpAnswer): boolean {
    this.#timer.clear()
    if (isRedirect(answer)) {
      this.#letGo()
      this.#follow(answer)
      return false
    }
    this.#verdict = this.#request.judge(answer, this.#hadCredentials)
    if (this.#verdict.kind === 'failure') {
      this.#letGo()
      this.#end(this.#verdict.failure)
      return false
    }
    this.#markMs = this.#timer.nowMs()
    this.#watchSilence(this.#parts.timeOuts.silenceMs)
    return true
  }

  #follow(answer: HttpAnswer): void {
    const target = redirectTarget(answer, ++this.#redirects)
    if (!(target instanceof URL)) {
      this.#end(target)
      return
    }
    this.#rules = redirectRules(this.#rules, target, this.#request.namedBy, this.#parts.connections.reachedAt(this.#url, this.#rules))
    this.#url = target
    void this.#ask()
  }

  /** The hop ends by itself, and may keep its connection for the next request. */
  #letGo(): void {
    this.#hop = undefined
  }

  #takeBody(bytes: Uint8Array): void {
    this.#receivedBytes += bytes.length
    if (this.#receivedBytes - this.#markBytes >= LEAST_PROGRESS_BYTES) {
      this.#markBytes = this.#receivedBytes
      this.#markMs = this.#timer.nowMs()
    }
    if (this.#verdict?.kind === 'remark') this.#takeRemark(bytes, this.#verdict.explain)
    else if (this.#receivedBytes <= this.#expectedBytes) this.#reader.onBytes(bytes)
    else this.#end(failure('misbehaved', `${this.#name} sends more than the ${this.#expectedBytes} bytes that were asked for.`))
  }

  #takeRemark(bytes: Uint8Array, explain: (text: string) => WebSeedFailure): void {
    if (this.#receivedBytes > LONGEST_REMARK_BYTES) this.#end(explain(''))
    else this.#remark += Buffer.from(bytes).toString('latin1')
  }

  #takeBodyEnd(): void {
    if (this.#verdict?.kind === 'remark') this.#end(this.#verdict.explain(this.#remark))
    else if (this.#receivedBytes === this.#expectedBytes) this.#end(undefined)
    else this.#end(failure('misbehaved', `${this.#name} ends after ${this.#receivedBytes} of ${this.#expectedBytes} bytes.`))
  }

  #takeError(error: unknown): void {
    if (this.#verdict === undefined && this.#mayAskAgain && isClosedConnection(error)) {
      this.#mayAskAgain = false
      void this.#ask()
    } else this.#end(connectionFault(error, this.#name, this.#parts.connections.proxyFor(this.#url)))
  }

  #watchSilence(delayMs: number): void {
    this.#timer.set(delayMs, () => {
      const { silenceMs } = this.#parts.timeOuts
      const left = this.#markMs + silenceMs - this.#timer.nowMs()
      if (left > 0) this.#watchSilence(left)
      else this.#end(failure('silent', `${this.#name} sends nothing, or next to nothing, for ${silenceMs / 1_000} s.`))
    })
  }

  #end(failed: WebSeedFailure | undefined): void {
    if (this.#isOver) return
    this.cancel()
    this.#reader.onEnd(failed)
  }

  get #expectedBytes(): number {
    return this.#verdict?.kind === 'content' ? this.#verdict.lengthBytes : 0
  }

  get #name(): string {
    return redactUrl(this.#url)
  }
}

const LONGEST_REMARK_BYTES = 256

function withoutQuery(whole: URL): URL {
  const url = new URL(whole)
  url.search = ''
  return url
}
