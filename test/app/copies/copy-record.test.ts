import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CopyRecord, decodeCopyRecord, encodeCopyRecord } from '../../../src/app/copies/copy-record.ts'

const host = fc.oneof(fc.ipV4(), fc.ipV6())
const address = fc.record({ host, port: fc.integer({ min: 1, max: 65_535 }) })
const hexId = (bytes: number): fc.Arbitrary<string> =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((id) => Buffer.from(id).toString('hex'))
const absent = fc.constant(undefined)
const record: fc.Arbitrary<CopyRecord> = fc.record({
  copy: fc.record({
    hostId: fc.oneof(absent, hexId(16)),
    hostName: fc.oneof(absent, fc.constantFrom('web-1', 'größer', '主机')),
    zone: fc.oneof(absent, fc.constantFrom('rack-1', 'eu')),
    peerId: hexId(20),
    address,
    listenAddress: fc.oneof(absent, address),
  }),
  countedAt: fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('2100-01-01') }),
})
const sound = encodeCopyRecord({
  copy: {
    hostId: '0f'.repeat(16),
    hostName: 'web-1',
    zone: 'rack-1',
    peerId: 'ab'.repeat(20),
    address: { host: '192.0.2.9', port: 6_881 },
    listenAddress: undefined,
  },
  countedAt: new Date(1_000),
})

describe('the record of a copy', () => {
  it('is read as it was written, in one line', () => {
    fc.assert(
      fc.property(record, (written) => {
        const line = encodeCopyRecord(written)
        expect(line).not.toContain('\n')
        expect(decodeCopyRecord(line)).toEqual({ ok: true, value: written })
      }),
    )
  })

  it('is refused when a part of it is missing', () => {
    for (let length = 0; length < sound.length; length++) expect(decodeCopyRecord(sound.slice(0, length)).ok).toBe(false)
  })

  it.each([
    ['hostId', '0f'],
    ['hostId', 7],
    ['hostName', 'a\u001b[2J'],
    ['hostName', 'n'.repeat(65)],
    ['zone', ' rack'],
    ['countedAt', 'yesterday'],
    ['countedAt', 'x'.repeat(300)],
    ['peerId', undefined],
    ['address', { host: 'web.example', port: 1 }],
    ['address', { host: '192.0.2.9', port: 0 }],
    ['listenAddress', { host: '192.0.2.9', port: 65_536 }],
    ['listenAddress', '192.0.2.9:80'],
  ])('is refused with %s %j', (field, value) => {
    expect(decodeCopyRecord(sound).ok).toBe(true)
    expect(decodeCopyRecord(JSON.stringify({ ...JSON.parse(sound), [field]: value })).ok).toBe(false)
  })

  it('never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (line) => {
        expect(decodeCopyRecord(line).ok).toBe(false)
      }),
    )
  })
})
