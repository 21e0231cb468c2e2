import { describe, expect, test } from 'vitest'
import { answerFor, refusalOf } from '../../src/web-server/answer.ts'

const nowMs = Date.parse('2026-01-02T03:04:05Z')
const date = 'Thu, 01 Jan 2026 00:00:00 GMT'
const earlier = 'Wed, 31 Dec 2025 23:59:59 GMT'
const later = 'Thu, 01 Jan 2026 00:00:01 GMT'
const tag = '"aa-0"'
const resource = { tag, modifiedMs: Date.parse(date), lengthBytes: 100, contentType: 'application/octet-stream' }

function ask(headers: Readonly<Record<string, string>>, method = 'GET') {
  const { status, headers: told, range } = answerFor({ method, headers }, resource, nowMs)
  return { status, told, range }
}

describe('an answer', () => {
  test('to a plain request is the whole file, with what a client needs to go on later', () => {
    expect(ask({})).toEqual({
      status: 200,
      told: {
        ETag: tag,
        'Cache-Control': 'no-cache, no-transform',
        'Accept-Ranges': 'bytes',
        'X-Content-Type-Options': 'nosniff',
        'Last-Modified': date,
        'Content-Type': 'application/octet-stream',
        'Content-Length': 100,
      },
      range: { start: 0, lengthBytes: 100 },
    })
  })

  test('to a range is that range and says which it is', () => {
    const { status, told, range } = ask({ range: 'bytes=10-19' })
    expect({ status, range }).toEqual({ status: 206, range: { start: 10, lengthBytes: 10 } })
    expect(told).toMatchObject({ 'Content-Range': 'bytes 10-19/100', 'Content-Length': 10, ETag: tag, 'Last-Modified': date })
  })

  test('to a range beyond the end says how long the file is, and not one byte of it', () => {
    const { status, told, range } = ask({ range: 'bytes=100-' })
    expect({ status, range }).toEqual({ status: 416, range: undefined })
    expect(told).toMatchObject({ 'Content-Range': 'bytes */100', 'Content-Type': 'text/plain; charset=utf-8' })
  })

  test.each([
    ['several ranges', { range: 'bytes=0-1,3-4' }],
    ['a malformed range', { range: 'bytes=9-1' }],
    ['a range of something else', { range: 'lines=1-2' }],
  ])('to %s is the whole file', (_what, headers) => {
    expect(ask(headers).status).toBe(200)
  })

  test('to HEAD says the length of the whole file, whatever the range', () => {
    const { status, told } = ask({ range: 'bytes=10-19' }, 'HEAD')
    expect([status, told['Content-Length'], told['Content-Range']]).toEqual([200, 100, undefined])
  })

  test.each([
    ['If-None-Match with its tag', { 'if-none-match': tag }, 304],
    ['If-None-Match with its tag, weakly', { 'if-none-match': `"x", W/${tag}` }, 304],
    ['If-None-Match with any', { 'if-none-match': '*' }, 304],
    ['If-None-Match with another tag', { 'if-none-match': '"x"' }, 200],
    ['If-None-Match with another tag, which outweighs If-Modified-Since', { 'if-none-match': '"x"', 'if-modified-since': later }, 200],
    ['If-Modified-Since its date', { 'if-modified-since': date }, 304],
    ['If-Modified-Since a later date', { 'if-modified-since': later }, 304],
    ['If-Modified-Since an earlier date', { 'if-modified-since': earlier }, 200],
    ['If-Modified-Since no date', { 'if-modified-since': 'yesterday' }, 200],
    ['If-Match with its tag', { 'if-match': tag }, 200],
    ['If-Match with any', { 'if-match': '*' }, 200],
    ['If-Match with its tag, weakly', { 'if-match': `W/${tag}` }, 412],
    ['If-Match with another tag', { 'if-match': '"x"' }, 412],
    ['If-Match with its tag, which outweighs If-Unmodified-Since', { 'if-match': tag, 'if-unmodified-since': earlier }, 200],
    ['If-Unmodified-Since its date', { 'if-unmodified-since': date }, 200],
    ['If-Unmodified-Since an earlier date', { 'if-unmodified-since': earlier }, 412],
    ['If-Unmodified-Since no date', { 'if-unmodified-since': '1' }, 200],
    ['If-Match that fails and If-None-Match that would too', { 'if-match': '"x"', 'if-none-match': tag }, 412],
    ['If-None-Match before its range', { 'if-none-match': tag, range: 'bytes=0-1' }, 304],
    ['If-Range with its tag', { 'if-range': tag, range: 'bytes=0-1' }, 206],
    ['If-Range with its tag, weakly', { 'if-range': `W/${tag}`, range: 'bytes=0-1' }, 200],
    ['If-Range with another tag', { 'if-range': '"x"', range: 'bytes=0-1' }, 200],
    ['If-Range with its date', { 'if-range': date, range: 'bytes=0-1' }, 206],
    ['If-Range with a later date', { 'if-range': later, range: 'bytes=0-1' }, 200],
    ['If-Range with an earlier date', { 'if-range': earlier, range: 'bytes=0-1' }, 200],
    ['If-Range that fails, of a range beyond the end', { 'if-range': '"x"', range: 'bytes=100-' }, 200],
    ['If-Range without a range', { 'if-range': tag }, 200],
  ] as const)('to %s is right', (_what, headers, status) => {
    expect(ask(headers).status).toBe(status)
    expect(ask(headers, 'HEAD').status).toBe(status === 206 ? 200 : status)
  })

  test('that a client has already repeats what names it, and nothing else', () => {
    const { told } = ask({ 'if-none-match': tag })
    expect(told).toMatchObject({ ETag: tag, 'Cache-Control': 'no-cache, no-transform' })
    expect(told).not.toHaveProperty('Content-Length')
  })

  test('never says that a file was changed in the future', () => {
    const { headers, status } = answerFor({ method: 'GET', headers: { 'if-modified-since': date } }, resource, Date.parse(earlier))
    expect([status, headers['Last-Modified']]).toEqual([200, undefined])
  })
})

describe('what must not be asked', () => {
  test.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'PROPFIND', 'TRACE', undefined])('%s is turned down and told what may be', (method) => {
    expect(refusalOf({ method, headers: {} })).toMatchObject({ status: 405, headers: { Allow: 'GET, HEAD' } })
  })

  test.each([{ 'content-length': '1' }, { 'transfer-encoding': 'chunked' }])('a request with a body (%j)', (headers) => {
    expect(refusalOf({ method: 'GET', headers })).toMatchObject({ status: 400, headers: { Connection: 'close' } })
  })

  test.each([{}, { 'content-length': '0' }])('and nothing else (%j)', (headers) => {
    expect(refusalOf({ method: 'GET', headers })).toBeUndefined()
    expect(refusalOf({ method: 'HEAD', headers })).toBeUndefined()
  })
})
