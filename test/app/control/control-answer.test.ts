import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ControlAnswer, decodeAnswer, encodeAnswer, MAX_ADDRESSES, MAX_TEXT_LENGTH } from '../../../src/app/control/control-answer.ts'
import { MAX_LINE_BYTES } from '../../../src/app/control/lines-of.ts'
import { DistroError, errorCodes } from '../../../src/base/errors.ts'
import { sampleRun, sampleWebSeed } from '../../cli/sample-runs.ts'

const text = fc.string({ unit: 'binary', maxLength: 100 })
const count = fc.maxSafeNat()
const rate = fc.double({ min: 0, max: 1e12, noNaN: true }).map((value) => value + 0)
const run = fc.record({
  id: text,
  pid: count,
  verb: fc.constantFrom('seed' as const, 'push' as const, 'fetch' as const),
  infoHash: fc.option(text),
  name: fc.option(text),
  path: text,
  state: fc.constantFrom('hash' as const, 'check' as const, 'metadata' as const, 'fetch' as const, 'seed' as const),
  bytesDone: count,
  bytesTotal: count,
  downBytesPerSecond: rate,
  upBytesPerSecond: rate,
  peers: count,
  seeds: count,
  webSeeds: count,
  startedAt: fc.date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true }).map((date) => date.toISOString()),
  listen: fc.array(text, { maxLength: 5 }),
})
const webSeed = fc.record({
  label: text,
  state: fc.constantFrom('active' as const, 'idle' as const, 'waiting' as const, 'out' as const, 'leaving' as const),
  downloadedBytes: count,
  bytesPerSecond: rate,
  strikes: count,
  lastFailure: fc.option(text),
  retryInMs: fc.option(rate),
  namedBy: fc.constantFrom('operator' as const, 'torrent' as const, 'magnet' as const),
})
const error = fc
  .record({ code: fc.constantFrom(...errorCodes), message: text, hint: fc.option(text) })
  .map(({ code, message, hint }) => new DistroError(code, message, hint === null ? {} : { hint }))
const answer: fc.Arbitrary<ControlAnswer> = fc.oneof(
  fc.record({ kind: fc.constant('run' as const), run }),
  fc.record({ kind: fc.constant('web-seed' as const), webSeed }),
  fc.record({ kind: fc.constant('done' as const), change: fc.record({ removed: fc.option(text), added: fc.option(text) }) }),
  fc.record({ kind: fc.constant('error' as const), error }),
)

describe('an answer of a run', () => {
  it('survives its way as one line', () => {
    fc.assert(
      fc.property(answer, (given) => {
        const line = Buffer.from(encodeAnswer(given))
        expect(line.indexOf(10)).toBe(line.length - 1)
        expect(decodeAnswer(line.subarray(0, -1))).toEqual({ ok: true, value: given })
      }),
    )
  })

  it('keeps the code and the hint of an error', () => {
    const told = new DistroError('INPUT_MISSING', 'There is no such web seed.', { hint: 'List them.' })
    const decoded = decodeAnswer(Buffer.from(encodeAnswer({ kind: 'error', error: told })))
    expect(decoded).toMatchObject({ ok: true, value: { error: { code: told.code, message: told.message, hint: told.hint } } })
  })

  it('is cut until it fits into a line, whatever it holds', () => {
    const long = '\u0001'.repeat(100_000)
    const listen = Array.from({ length: 1_000 }, () => '[ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255]:65535')
    const answers: readonly ControlAnswer[] = [
      { kind: 'run', run: { ...sampleRun, name: long, path: long, listen } },
      { kind: 'web-seed', webSeed: { ...sampleWebSeed, label: long, lastFailure: long } },
      { kind: 'done', change: { removed: long, added: long } },
      { kind: 'error', error: new DistroError('USAGE', long, { hint: long }) },
    ]
    for (const each of answers) {
      const line = encodeAnswer(each)
      expect(line.length).toBeLessThanOrEqual(MAX_LINE_BYTES)
      expect(decodeAnswer(Buffer.from(line)).ok).toBe(true)
    }
    const [first] = answers
    const decoded = decodeAnswer(Buffer.from(encodeAnswer(first as ControlAnswer)))
    expect(decoded).toMatchObject({ value: { run: { name: long.slice(0, MAX_TEXT_LENGTH), listen: listen.slice(0, MAX_ADDRESSES) } } })
  })

  it.each([
    ['{"version":1,"kind":"dance"}', 'there is no answer "dance"'],
    ['{"version":1,"kind":"run"}', 'an object is missing'],
    ['{"version":1,"kind":"run","run":[]}', 'an object is missing'],
    ['{"version":1,"kind":"error","error":{"code":"NO_SUCH_CODE","message":"","hint":null}}', '"code" is missing or wrong'],
    ['{"version":1,"kind":"done","change":{"removed":null}}', '"added" is missing or wrong'],
    ['{"version":3,"kind":"done"}', 'its version is not 1'],
  ])('is refused with what is wrong: %s', (line, fault) => {
    expect(decodeAnswer(Buffer.from(line))).toEqual({ ok: false, fault })
  })

  it.each([
    ['bytesDone', -1],
    ['bytesDone', 0.5],
    ['upBytesPerSecond', '1'],
    ['verb', 'create'],
    ['state', 'dance'],
    ['startedAt', 'yesterday'],
    ['name', 7],
    ['listen', [7]],
    ['listen', Array.from({ length: 101 }, () => 'a')],
    ['path', 'a'.repeat(4_097)],
  ])('is refused when %s is %j', (name, value) => {
    const line = JSON.stringify({ version: 1, kind: 'run', run: { ...sampleRun, [name]: value } })
    expect(decodeAnswer(Buffer.from(line))).toEqual({ ok: false, fault: `"${name}" is missing or wrong` })
  })
})
