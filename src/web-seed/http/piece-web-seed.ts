import { answerFailure } from '../answers/answer-failure.ts'
import type { HttpAnswer } from '../answers/http-answer.ts'
import { framingFault } from '../answers/range-verdict.ts'
import { MAX_RETRY_AFTER_MS } from '../answers/retry-after.ts'
import { redactUrl } from '../credentials/redact-url.ts'
import { failure } from '../failure.ts'
import { type PaddingStep, type PieceStep, pieceSteps } from '../read-steps.ts'
import { StepWebSeed } from '../step-web-seed.ts'
import type { ContentRange, RangeRead, RangeReader, WebSeedFailure } from '../web-seed.ts'
import { HttpExchange, type HttpRequest, type HttpVerdict } from './http-exchange.ts'
import type { HttpWebSeedParts } from './http-web-seed.ts'

/** A script that gives parts of pieces by their number (BEP 17). */
export class PieceWebSeed extends StepWebSeed<PieceStep> {
  readonly #parts: HttpWebSeedParts

  constructor(parts: HttpWebSeedParts) {
    super(parts.label)
    this.#parts = parts
  }

  protected override stepsOf(range: ContentRange): readonly (PieceStep | PaddingStep)[] {
    return pieceSteps(this.#parts.content, this.#parts.geometry, range)
  }

  protected override async letGo(): Promise<void> {
    await this.#parts.connections.close()
  }

  protected override readStep(step: PieceStep, reader: RangeReader): RangeRead {
    const { base, content, namedBy, authorize } = this.#parts
    const request: HttpRequest = {
      url: pieceUrl(base, content.infoHash, step),
      namedBy,
      isQueryOurs: base.search === '',
      headersFor: (url) => authorize(url, {}),
      judge: (answer, hadCredentials) => this.#judge(answer, step, hadCredentials),
    }
    return new HttpExchange(request, this.#parts, reader).start()
  }

  #judge(answer: HttpAnswer, step: PieceStep, hadCredentials: boolean): HttpVerdict {
    if (answer.status === 503) return { kind: 'remark', explain: (text) => busy(answer, text, this.#parts.now()) }
    const fault =
      answer.status === 200
        ? framingFault(answer, step)
        : answer.status === 206
          ? failure('misbehaved', `${redactUrl(answer.url)} answers with HTTP status 206, which BEP 17 does not know.`)
          : answerFailure(answer, this.#parts.now(), { hadCredentials })
    return fault === undefined ? { kind: 'content', lengthBytes: step.lengthBytes } : { kind: 'failure', failure: fault }
  }
}

/** Every byte of the info-hash as `%XX` is right, whatever it is. */
function pieceUrl(base: URL, infoHash: Uint8Array, { piece, pieceOffsetBytes, lengthBytes }: PieceStep): URL {
  const url = new URL(base)
  const hash = Array.from(infoHash, (byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('')
  const query = `info_hash=${hash}&piece=${piece}&ranges=${pieceOffsetBytes}-${pieceOffsetBytes + lengthBytes - 1}`
  url.hash = ''
  url.search = url.search === '' ? query : `${url.search}&${query}`
  return url
}

/** 503 with a number as its body: the seconds after which to come back. */
function busy(answer: HttpAnswer, text: string, now: Date): WebSeedFailure {
  const usual = answerFailure(answer, now, { hadCredentials: false })
  const seconds = /^\s*\d{1,15}\s*$/.test(text) ? Number(text) : undefined
  return seconds === undefined ? usual : { ...usual, retryAfterMs: Math.min(MAX_RETRY_AFTER_MS, seconds * 1_000) }
}
