import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ControlRequest, decodeRequest, encodeRequest, MAX_URL_LENGTH } from '../../../src/app/control/control-request.ts'
import { MAX_LINE_BYTES } from '../../../src/app/control/lines-of.ts'

const url = fc.string({ unit: 'binary', maxLength: MAX_URL_LENGTH / 2 })
const request: fc.Arbitrary<ControlRequest> = fc.oneof(
  fc.constantFrom<ControlRequest>({ ask: 'run' }, { ask: 'list-web-seeds' }),
  fc.record({ ask: fc.constantFrom('add-web-seed' as const, 'remove-web-seed' as const), url }),
  fc.record({ ask: fc.constant('replace-web-seed' as const), url, by: url }),
)

describe('a request to a run', () => {
  it('survives its way as one line that is not too long', () => {
    fc.assert(
      fc.property(request, (asked) => {
        const line = Buffer.from(encodeRequest(asked))
        expect(line.indexOf(10)).toBe(line.length - 1)
        expect(line.length).toBeLessThanOrEqual(MAX_LINE_BYTES)
        expect(decodeRequest(line.subarray(0, -1))).toEqual({ ok: true, value: asked })
      }),
    )
  })

  it('fits into a line at its longest', () => {
    const longest = '\u0001'.repeat(MAX_URL_LENGTH)
    expect(encodeRequest({ ask: 'replace-web-seed', url: longest, by: longest }).length).toBeLessThan(MAX_LINE_BYTES)
  })

  it.each([
    ['', 'it is not JSON'],
    ['{', 'it is not JSON'],
    ['[1]', 'it is not an object of JSON'],
    ['null', 'it is not an object of JSON'],
    ['{"ask":"run"}', 'its version is not 1'],
    ['{"version":2,"ask":"run"}', 'its version is not 1'],
    ['{"version":1}', 'there is no request null'],
    ['{"version":1,"ask":"stop"}', 'there is no request "stop"'],
    ['{"version":1,"ask":{"a":1}}', 'there is no request {"a":1}'],
    ['{"version":1,"ask":"add-web-seed"}', '"url" is missing or wrong'],
    ['{"version":1,"ask":"add-web-seed","url":7}', '"url" is missing or wrong'],
    ['{"version":1,"ask":"replace-web-seed","url":"a"}', '"by" is missing or wrong'],
    [`{"version":1,"ask":"remove-web-seed","url":"${'a'.repeat(4_097)}"}`, '"url" is missing or wrong'],
    ['{"version":1,"ask":"add-web-seed","__proto__":{"url":"a"}}', '"url" is missing or wrong'],
  ])('is refused with what is wrong: %s', (line, fault) => {
    expect(decodeRequest(Buffer.from(line))).toEqual({ ok: false, fault })
  })

  it('is refused when it is not UTF-8', () => {
    expect(decodeRequest(Buffer.from('{"version":1,"ask":"\xff"}', 'latin1'))).toEqual({ ok: false, fault: 'it is not JSON' })
  })

  it('leaves fields alone that it does not know', () => {
    expect(decodeRequest(Buffer.from('{"version":1,"ask":"run","more":1}'))).toEqual({ ok: true, value: { ask: 'run' } })
  })
})
