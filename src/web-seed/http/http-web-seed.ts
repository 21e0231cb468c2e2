import type { PieceGeometry } from '../../torrent/piece-geometry.ts'
import type { HttpAnswer } from '../answers/http-answer.ts'
import { type AskedRange, rangeVerdict } from '../answers/range-verdict.ts'
import { isSameVersion, type Validator, validatorOf } from '../answers/validator.ts'
import type { WebSeedContent } from '../content.ts'
import type { Authorize } from '../credentials/credentials.ts'
import { lackingFile } from '../lacking-file.ts'
import { type FileStep, fileSteps, type PaddingStep } from '../read-steps.ts'
import { StepWebSeed } from '../step-web-seed.ts'
import type { ContentRange, NamedBy, RangeRead, RangeReader } from '../web-seed.ts'
import { contentUrl } from './content-urls.ts'
import { type ExchangeParts, HttpExchange, type HttpRequest, type HttpVerdict } from './http-exchange.ts'
import { placeHint } from './place-hint.ts'

/** What an `HttpWebSeed` is made of. */
export interface HttpWebSeedParts extends ExchangeParts {
  readonly label: string
  /** Below which URL the content lies. */
  readonly base: URL
  readonly namedBy: NamedBy
  readonly content: WebSeedContent
  readonly geometry: PieceGeometry
  readonly authorize: Authorize
  /** The time of day. */
  now(): Date
}

/** A server that gives files by ranges over HTTP or HTTPS (BEP 19). */
export class HttpWebSeed extends StepWebSeed<FileStep> {
  readonly #parts: HttpWebSeedParts
  /** What a file was at its first answer, by its index and the origin that gave it: mirrors behind one redirector tag it differently. */
  readonly #pins = new Map<string, Validator>()

  constructor(parts: HttpWebSeedParts) {
    super(parts.label)
    this.#parts = parts
  }

  protected override stepsOf(range: ContentRange): readonly (FileStep | PaddingStep)[] {
    return fileSteps(this.#parts.content, this.#parts.geometry, range)
  }

  protected override async letGo(): Promise<void> {
    await this.#parts.connections.close()
  }

  protected override readStep(step: FileStep, reader: RangeReader): RangeRead {
    const { base, content, namedBy, authorize } = this.#parts
    const asked: Omit<AskedRange, 'hadCredentials'> = {
      offsetBytes: step.fileOffsetBytes,
      lengthBytes: step.lengthBytes,
      fileBytes: content.info.files[step.fileIndex]?.lengthBytes ?? 0,
    }
    const range = `bytes=${asked.offsetBytes}-${asked.offsetBytes + asked.lengthBytes - 1}`
    const request: HttpRequest = {
      url: contentUrl(base, content, step.fileIndex),
      namedBy,
      headersFor: (url) => {
        const ifRange = this.#pins.get(pinKey(step, url))?.ifRange
        const headers = ifRange === undefined ? { range } : { range, 'if-range': ifRange }
        return { ...headers, ...authorize(url, headers) }
      },
      judge: (answer, hadCredentials) => this.#judge(answer, step, { ...asked, hadCredentials }),
    }
    return new HttpExchange(request, this.#parts, reader).start()
  }

  #judge(answer: HttpAnswer, step: FileStep, asked: AskedRange): HttpVerdict {
    const key = pinKey(step, answer.url)
    const pinned = this.#pins.get(key)
    const failure = rangeVerdict(answer, asked, pinned, this.#parts.now())
    const version = validatorOf(answer)
    if (failure === undefined && pinned === undefined && version !== undefined) this.#pins.set(key, version)
    // The next request begins anew with what is there now: the hashes of the pieces prove whether it is of use.
    if (failure !== undefined && pinned !== undefined && !isSameVersion(pinned, version)) this.#pins.delete(key)
    if (failure === undefined) return { kind: 'content', lengthBytes: asked.lengthBytes }
    const hint = failure.kind === 'missing' ? placeHint(this.label, this.#parts.content) : undefined
    const explained = hint === undefined ? failure : { ...failure, hint }
    return { kind: 'failure', failure: lackingFile(explained, this.#parts.content, step.fileIndex) }
  }
}

function pinKey({ fileIndex }: FileStep, { origin }: URL): string {
  return `${fileIndex} ${origin}`
}
