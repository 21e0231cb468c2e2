import { type IncomingHttpHeaders, type OutgoingHttpHeaders, STATUS_CODES } from 'node:http'
import { type ByteRange, parseByteRange } from './byte-range.ts'
import { formatHttpDate } from './http-date.ts'
import { rangeHolds, type Validators, weighConditions } from './preconditions.ts'
import { WEB_SERVER_LIMITS } from './web-server-limits.ts'

/** What can be asked for. */
export interface Resource extends Validators {
  readonly lengthBytes: number
  readonly contentType: string
}

/** The parts of a request that decide its answer. */
export interface Question {
  readonly method?: string | undefined
  readonly headers: IncomingHttpHeaders
}

/** How a request is answered. */
export interface Answer {
  readonly status: number
  readonly headers: OutgoingHttpHeaders
  /** The bytes of the resource that are sent, if any are. */
  readonly range?: ByteRange
  /** What is sent in their place. */
  readonly text?: string
}

/** Answers a GET or HEAD of `resource`: all of it, a range of it, or the reason why neither is sent (RFC 9110). */
export function answerFor({ method, headers }: Question, resource: Resource, nowMs: number): Answer {
  const { tag, modifiedMs, lengthBytes } = resource
  const modified = modifiedMs === undefined ? undefined : formatHttpDate(modifiedMs, nowMs)
  const validators = { tag, modifiedMs: modified === undefined ? undefined : modifiedMs }
  const common: OutgoingHttpHeaders = {
    ETag: tag,
    // The same path may hold other content when something else is seeded here: a cache may keep it, and has to ask each time.
    'Cache-Control': 'no-cache, no-transform',
    'Accept-Ranges': 'bytes',
    'X-Content-Type-Options': 'nosniff',
    ...(modified === undefined ? {} : { 'Last-Modified': modified }),
  }
  const verdict = weighConditions(headers, validators)
  if (verdict === 'not modified') return { status: 304, headers: common }
  if (verdict === 'failed') return refusal(412)
  const [ifRange] = [headers['if-range']].flat()
  const asked = method === 'GET' && rangeHolds(ifRange, validators) ? headers.range : undefined
  const range = parseByteRange(asked, lengthBytes)
  if (range === 'unsatisfiable') return refusal(416, { ...common, 'Content-Range': `bytes */${lengthBytes}` })
  const whole: OutgoingHttpHeaders = { ...common, 'Content-Type': resource.contentType }
  if (range === 'whole') return { status: 200, headers: { ...whole, 'Content-Length': lengthBytes }, range: { start: 0, lengthBytes } }
  const place = `bytes ${range.start}-${range.start + range.lengthBytes - 1}/${lengthBytes}`
  return { status: 206, headers: { ...whole, 'Content-Length': range.lengthBytes, 'Content-Range': place }, range }
}

/** Refuses what must not be asked of any resource: other methods, and requests with a body. Undefined when there is nothing to refuse. */
export function refusalOf({ method, headers }: Question): Answer | undefined {
  if (method !== 'GET' && method !== 'HEAD') return refusal(405, { Allow: 'GET, HEAD', Connection: 'close' })
  const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
  return hasBody ? refusal(400, { Connection: 'close' }) : undefined
}

/** There is no place; come back later. */
export function busyAnswer(): Answer {
  return refusal(503, { 'Retry-After': WEB_SERVER_LIMITS.retryAfterMs / 1_000, Connection: 'close' })
}

/** An answer that holds nothing but its status, in words too; what was asked for is not repeated. */
export function refusal(status: number, headers: OutgoingHttpHeaders = {}): Answer {
  const text = `${status} ${STATUS_CODES[status]}\n`
  const fixed = { 'Content-Type': 'text/plain; charset=utf-8', 'X-Content-Type-Options': 'nosniff', 'Content-Length': text.length }
  return { status, headers: { ...headers, ...fixed }, text }
}
