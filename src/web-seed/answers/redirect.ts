import { redactUrl } from '../credentials/redact-url.ts'
import { failure } from '../failure.ts'
import type { WebSeedFailure } from '../web-seed.ts'
import type { HttpAnswer } from './http-answer.ts'

/** True for an answer that sends us elsewhere. */
export function isRedirect({ status }: HttpAnswer): boolean {
  return status === 301 || status === 302 || status === 303 || status === 307 || status === 308
}

/**
 * Where the `count`th redirect leads, or why it is not followed: more than 3, from https to http, to another scheme, or with a user
 * and a password of the server's making. Whether the address may be asked is judged by whoever connects.
 */
export function redirectTarget(answer: HttpAnswer, count: number): URL | WebSeedFailure {
  const name = redactUrl(answer.url)
  if (count > MAX_REDIRECTS) return failure('refused', `${name} redirects more than ${MAX_REDIRECTS} times in a row.`)
  const location = answer.header('location')
  if (location === undefined || !URL.canParse(location, answer.url.href)) return failure('misbehaved', `${name} redirects to nowhere.`)
  const url = new URL(location, answer.url)
  url.hash = ''
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return failure('refused', `${name} redirects to what is not on the web.`)
  if (answer.url.protocol === 'https:' && url.protocol !== 'https:') return failure('refused', `${name} redirects from https to http.`)
  if (url.username !== '' || url.password !== '') return failure('refused', `${name} redirects to a URL with a user or a password in it.`)
  return url
}

const MAX_REDIRECTS = 3
