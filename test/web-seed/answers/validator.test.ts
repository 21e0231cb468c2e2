import { describe, expect, test } from 'vitest'
import { HttpAnswer } from '../../../src/web-seed/answers/http-answer.ts'
import { isSameVersion, type Validator, validatorOf } from '../../../src/web-seed/answers/validator.ts'

const monday = 'Mon, 05 Oct 2026 10:00:00 GMT'
const later = 'Mon, 05 Oct 2026 10:00:01 GMT'

describe('what tells versions of a file apart', () => {
  test.each([
    [{ etag: '"a"' }, '"a"'],
    [{ etag: 'W/"a"' }, undefined],
    [{ etag: 'bare' }, undefined],
    [{ etag: '"a"', 'last-modified': monday }, '"a"'],
    [{ 'last-modified': monday, date: later }, monday],
    [{ 'last-modified': monday, date: monday }, undefined],
    [{ 'last-modified': monday }, undefined],
    [{ etag: 'W/"a"', 'last-modified': monday, date: later }, undefined],
  ])('goes into If-Range only when it is strong: %j', (headers, ifRange) => {
    expect(versionOf(headers)?.ifRange).toBe(ifRange)
  })

  test.each([
    [{ etag: '"a"' }, { etag: '"a"' }, true],
    [{ etag: '"a"' }, { etag: 'W/"a"' }, true],
    [{ etag: '"a"' }, { etag: '"b"' }, false],
    [{ etag: '"a"', 'last-modified': monday }, { etag: '"a"', 'last-modified': later }, true],
    [{ 'last-modified': monday }, { 'last-modified': later }, false],
    [{ etag: '"a"' }, { 'last-modified': monday }, true],
    [{ etag: '"a"' }, {}, true],
  ])('of %j and %j: the same is %s', (left, right, isSame) => {
    expect(isSameVersion(versionOf(left) as Validator, versionOf(right))).toBe(isSame)
  })

  test('is nothing where the server says nothing, or more than is kept of each file', () => {
    expect(versionOf({})).toBeUndefined()
    const longest = `"${'x'.repeat(254)}"`
    expect(versionOf({ etag: longest })).toMatchObject({ etag: longest, ifRange: longest })
    const endless = `"${'x'.repeat(255)}"`
    expect(versionOf({ etag: endless })).toBeUndefined()
    expect(versionOf({ 'last-modified': endless })).toBeUndefined()
    expect(versionOf({ etag: endless, 'last-modified': monday, date: later })).toMatchObject({ etag: undefined, ifRange: monday })
  })
})

function versionOf(headers: Record<string, string>): Validator | undefined {
  return validatorOf(new HttpAnswer(206, new URL('http://m.example/'), headers))
}
