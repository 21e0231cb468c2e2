import { DistroError } from '../../base/errors.ts'
import { openFileLimit } from '../../base/open-file-limit.ts'
import { failure } from '../failure.ts'
import type { WebSeedFailure } from '../web-seed.ts'

/** What an error of the network means; `name` is who was asked, and `proxy` through whom, without its password. */
export function connectionFault(error: unknown, name: string, proxy?: string): WebSeedFailure {
  const reason = refusalIn(error)
  if (reason !== undefined) return failure('refused', `${name} is not asked: ${reason.message}`)
  const code = codeOf(error)
  const proxyStatus = error instanceof Error ? PROXY_ANSWER.exec(error.message)?.[1] : undefined
  if (proxyStatus === '407') return failure('denied', `The proxy in front of ${name} wants credentials that it does not get.`)
  if (proxyStatus !== undefined) return failure('unreachable', `The proxy in front of ${name} answers with HTTP status ${proxyStatus}.`)
  if (CERTIFICATE.test(code)) {
    return failure('unreachable', `The certificate of ${name} is not right (${code}).`, { isFinal: true })
  }
  if (code === 'UND_ERR_HEADERS_OVERFLOW') return failure('misbehaved', `${name} sends a header of more than 64 KiB.`)
  if (code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH') return failure('misbehaved', `${name} ends before all of it came.`)
  if (code === 'ERR_HTTP2_ERROR' || (error instanceof Error && error.name === 'HTTPParserError')) {
    return failure('misbehaved', `${name} does not speak HTTP as it should.`)
  }
  if (NO_TLS.has(code) && proxy === undefined) {
    return failure('unreachable', `${name} speaks no TLS.`, { hint: `Try ${name.replace(/^https:/, 'http:')}.` })
  }
  const limit = openFileLimit(error) ?? openFileLimit(code)
  if (limit !== undefined) return failure('unreachable', `${name} cannot be reached: ${limit.reason}.`)
  const reach = UNREACHED.get(code)
  // What is connected is the proxy; beyond it nothing of this is to be seen.
  if (reach !== undefined && proxy !== undefined) {
    return failure('unreachable', `${name} is asked through the proxy ${proxy}, which cannot be reached: ${reach}.`)
  }
  if (reach !== undefined) return failure('unreachable', `${name} cannot be reached: ${reach}.`)
  return failure('unreachable', `${name} ${SENTENCES.get(code) ?? `cannot be reached (${code === '' ? nameOf(error) : code})`}.`)
}

/** True for an error that a server causes which closes a kept connection just when it is used again. */
export function isClosedConnection(error: unknown): boolean {
  return CLOSED.has(codeOf(error))
}

/** How undici tells that a proxy refused: in its words only. */
const PROXY_ANSWER = /^Prox.*\((\d{3})\)/
const CLOSED: ReadonlySet<string> = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'])
const CERTIFICATE = /^(?:CERT_|ERR_TLS_CERT|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|CRL_)/
/** What OpenSSL calls an answer that is no TLS: that of a server that speaks HTTP at this port. */
const NO_TLS: ReadonlySet<string> = new Set(['ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_PACKET_LENGTH_TOO_LONG'])

const UNREACHED: ReadonlyMap<string, string> = new Map([
  ['ENOTFOUND', 'its name was not found'],
  ['EAI_AGAIN', 'no name server answers'],
  ['ECONNREFUSED', 'nothing listens there'],
  ['EHOSTUNREACH', 'there is no way to it'],
  ['ENETUNREACH', 'there is no way to it'],
  ['ETIMEDOUT', 'it does not answer'],
  ['UND_ERR_CONNECT_TIMEOUT', 'it does not answer'],
])

const SENTENCES: ReadonlyMap<string, string> = new Map([
  ['ECONNRESET', 'broke the connection'],
  ['EPIPE', 'broke the connection'],
  ['UND_ERR_SOCKET', 'broke the connection'],
  ['ERR_HTTP2_STREAM_ERROR', 'broke the answer off'],
  ['UND_ERR_INFO', 'broke the answer off'],
])

function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (typeof code === 'string') return code
  return error instanceof AggregateError && error.errors.length > 0 ? codeOf(error.errors[0]) : ''
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown reason'
}

function refusalIn(error: unknown): DistroError | undefined {
  if (error instanceof DistroError) return error
  return error instanceof AggregateError ? error.errors.map(refusalIn).find((found) => found !== undefined) : undefined
}
