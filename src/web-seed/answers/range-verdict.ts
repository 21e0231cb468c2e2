import { redactUrl } from '../credentials/redact-url.ts'
import { failure } from '../failure.ts'
import type { WebSeedFailure } from '../web-seed.ts'
import { answerFailure } from './answer-failure.ts'
import { parseContentRange } from './content-range.ts'
import type { HttpAnswer } from './http-answer.ts'
import { isSameVersion, type Validator, validatorOf } from './validator.ts'

/** The part of a file that was asked for. */
export interface AskedRange {
  readonly offsetBytes: number
  readonly lengthBytes: number
  /** The length of the whole file, as the torrent says it. */
  readonly fileBytes: number
  /** True if credentials went along. */
  readonly hadCredentials: boolean
}

/**
 * What is wrong with an answer to a request for a part of a file; undefined if its body is exactly that part. `pinned` is what the
 * file was when this server was first asked.
 */
export function rangeVerdict(answer: HttpAnswer, asked: AskedRange, pinned: Validator | undefined, now: Date): WebSeedFailure | undefined {
  const isWhole = asked.lengthBytes === asked.fileBytes
  if (answer.status !== 200 && answer.status !== 206) return answerFailure(answer, now, asked)
  if (pinned !== undefined && !isSameVersion(pinned, validatorOf(answer))) {
    return failure('changed', `${redactUrl(answer.url)} is another file than when it was first asked for.`)
  }
  if (answer.status === 200 && !isWhole) return noRanges(answer)
  // What the server says of the whole file tells more than how much of it comes.
  const range = answer.status === 206 ? wrongRange(answer, asked) : undefined
  return encodingFault(answer) ?? range ?? framingFault(answer, asked)
}

/** What is wrong with how the bytes of a body are packed; undefined if it is as long as asked for, and not encoded. */
export function framingFault(answer: HttpAnswer, { lengthBytes }: Pick<AskedRange, 'lengthBytes'>): WebSeedFailure | undefined {
  const name = redactUrl(answer.url)
  const announced = answer.header('content-length')
  const encoded = encodingFault(answer)
  if (encoded !== undefined || announced === undefined || Number(announced) === lengthBytes) return encoded
  return answer.status === 200
    ? failure('changed', `${name} has ${announced} bytes instead of ${lengthBytes}: it is another file.`, { isFinal: true })
    : failure('misbehaved', `${name} announces ${announced} bytes where ${lengthBytes} were asked for.`)
}

function encodingFault(answer: HttpAnswer): WebSeedFailure | undefined {
  const name = redactUrl(answer.url)
  const encoding = answer.header('content-encoding')?.trim().toLowerCase() ?? 'identity'
  if (encoding !== 'identity' && encoding !== '')
    return failure('misbehaved', `${name} sends the file encoded, which it was asked not to do.`)
  const transfer = answer.header('transfer-encoding')?.trim().toLowerCase() ?? 'chunked'
  if (transfer !== 'chunked' && transfer !== 'identity')
    return failure('misbehaved', `${name} sends the file in an unknown transfer encoding.`)
  return undefined
}

function noRanges(answer: HttpAnswer): WebSeedFailure {
  return failure('misbehaved', `${redactUrl(answer.url)} sends the whole file where a part of it was asked for: it does no ranges.`, {
    isFinal: true,
    hint: 'A web seed has to answer ranges, as nginx, caddy and distro seed --http do.',
  })
}

function wrongRange(answer: HttpAnswer, asked: AskedRange): WebSeedFailure | undefined {
  const name = redactUrl(answer.url)
  const range = parseContentRange(answer.header('content-range'))
  if (!range.ok) return failure('misbehaved', `${name} sends a part of the file and does not say which: ${range.fault}.`)
  const { first, last, fileBytes } = range.value
  if (fileBytes === undefined) return failure('misbehaved', `${name} sends a part of the file and does not say how long the file is.`)
  if (fileBytes !== asked.fileBytes) {
    return failure('changed', `${name} has ${fileBytes} bytes instead of ${asked.fileBytes}: it is another file.`, { isFinal: true })
  }
  const end = asked.offsetBytes + asked.lengthBytes - 1
  if (first === asked.offsetBytes && last === end) return undefined
  return failure('misbehaved', `${name} sends bytes ${first} to ${last} where ${asked.offsetBytes} to ${end} were asked for.`)
}
