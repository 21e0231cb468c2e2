import { redactUrl } from '../credentials/redact-url.ts'
import { failure } from '../failure.ts'
import type { WebSeedFailure } from '../web-seed.ts'
import { parseContentRange } from './content-range.ts'
import type { HttpAnswer } from './http-answer.ts'
import { parseRetryAfter } from './retry-after.ts'

/** What was asked, as far as the meaning of an answer depends on it. */
export interface Asked {
  /** How long the file should be, where one is asked for. */
  readonly fileBytes?: number
  /** True if credentials went along. */
  readonly hadCredentials: boolean
}

/** What an answer means whose status is no success. */
export function answerFailure(answer: HttpAnswer, now: Date, { fileBytes, hadCredentials }: Asked): WebSeedFailure {
  const { status, url } = answer
  const said = `${redactUrl(url)} answers with HTTP status ${status}`
  if (status === 401 || status === 403) {
    const why = hadCredentials ? 'it does not accept the credentials that it was sent' : 'it wants credentials that it does not get'
    return failure('denied', `${said}: ${why}.`, { hint: 'Credentials come from netrc or DISTRO_WEB_SEED_AUTH_<HOST>.' })
  }
  if (status === 407) return failure('denied', `The proxy in front of ${redactUrl(url)} wants credentials that it does not get.`)
  if (status === 404 || status === 410) return failure('missing', `${said}: it does not have the file.`)
  if (status === 416) return unsatisfied(answer, said, fileBytes)
  if (status === 408 || status === 425 || status === 429 || (status >= 500 && status !== 501 && status !== 505)) {
    const retryAfterMs = parseRetryAfter(answer.header('retry-after'), answer.header('date'), now)
    return failure('busy', `${said}: it asks to be left alone for a while.`, { retryAfterMs })
  }
  return failure('misbehaved', `${said}, which is no answer to a request for a part of a file.`, { isFinal: status >= 400 })
}

function unsatisfied(answer: HttpAnswer, said: string, fileBytes: number | undefined): WebSeedFailure {
  const range = parseContentRange(answer.header('content-range'))
  const theirs = range.ok ? range.value.fileBytes : undefined
  if (theirs === undefined || fileBytes === undefined || theirs === fileBytes)
    return failure('missing', `${said}: it does not have the range.`)
  return failure('changed', `${redactUrl(answer.url)} has ${theirs} bytes instead of ${fileBytes}: it is another file.`, { isFinal: true })
}
