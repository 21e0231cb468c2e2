import oracle from 'bencode'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { utf8Bytes } from '../../src/base/bytes.ts'
import {
  asBytes,
  asDictionary,
  asInteger,
  asList,
  asText,
  type Bencode,
  type BencodeOptions,
  decodeBencode,
  decodeBencodePrefix,
  encodeBencode,
} from '../../src/torrent/bencode.ts'

function decode(text: string, options?: BencodeOptions): unknown {
  const result = decodeBencode(Buffer.from(text, 'latin1'), options)
  return result.ok ? result.value : result.fault
}

const anyKey = fc.oneof(
  fc.constantFrom('__proto__', 'constructor', 'toString', 'info', ''),
  fc.uint8Array({ maxLength: 8 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
)

const anyBencode: fc.Arbitrary<Bencode> = fc.letrec<{ value: Bencode }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.maxSafeInteger().map((integer) => (integer === 0 ? 0 : integer)),
    fc.uint8Array({ maxLength: 12 }),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(fc.tuple(anyKey, tie('value')), { maxLength: 4 }).map((entries) => new Map(entries)),
  ),
})).value

describe('decodeBencode', () => {
  it.each([
    ['i0e', 0],
    ['i-1e', -1],
    ['i9007199254740991e', Number.MAX_SAFE_INTEGER],
    ['i-9007199254740991e', Number.MIN_SAFE_INTEGER],
    ['0:', new Uint8Array()],
    ['3:a:e', utf8Bytes('a:e')],
    ['le', []],
    ['de', new Map()],
    ['l1:ai1elee', [utf8Bytes('a'), 1, []]],
    [
      'd1:ai1e1:bd1:ci2eee',
      new Map<string, Bencode>([
        ['a', 1],
        ['b', new Map([['c', 2]])],
      ]),
    ],
    [
      'd0:i1e1:\xffi2ee',
      new Map([
        ['', 1],
        ['\xff', 2],
      ]),
    ],
  ])('reads %j', (text, value) => {
    expect(decode(text)).toEqual(value)
  })

  it.each([
    ['', 'the data ends at byte 0, inside a value'],
    ['e', 'no value starts with the byte 0x65 at byte 0'],
    ['<html', 'no value starts with the byte 0x3c at byte 0'],
    ['i', 'the data ends inside the integer at byte 0'],
    ['i12', 'the data ends inside the integer at byte 0'],
    ['ie', 'a malformed integer at byte 0'],
    ['i-e', 'a malformed integer at byte 0'],
    ['i+5e', 'a malformed integer at byte 0'],
    ['i1.5e', 'a malformed integer at byte 0'],
    ['i 1e', 'a malformed integer at byte 0'],
    ['i-0e', 'an integer that is not in its shortest form at byte 0'],
    ['i00e', 'an integer that is not in its shortest form at byte 0'],
    ['li1ei007ee', 'an integer that is not in its shortest form at byte 4'],
    ['i-01e', 'an integer that is not in its shortest form at byte 0'],
    ['i9007199254740992e', 'an integer beyond 2^53 - 1 at byte 0'],
    ['i12345678901234567890e', 'an integer beyond 2^53 - 1 at byte 0'],
    ['l-3:abce', 'no value starts with the byte 0x2d at byte 1'],
    ['d-3:abci1ee', 'no value starts with the byte 0x2d at byte 1'],
    ['3:ab', 'a string longer than the data at byte 0'],
    ['999999999999:', 'a string longer than the data at byte 0'],
    ['12', 'a string longer than the data at byte 0'],
    ['1', 'the data ends inside the string length at byte 0'],
    ['1ae', 'a string length without its colon at byte 0'],
    ['01:a', 'a string length that is not in its shortest form at byte 0'],
    ['00:', 'a string length that is not in its shortest form at byte 0'],
    ['l', 'the data ends at byte 1, inside a value'],
    ['d', 'the data ends at byte 1, inside a value'],
    ['d1:a', 'the data ends at byte 4, inside a value'],
    ['d1:ae', 'a key without a value before byte 4'],
    ['di1ei2ee', 'no value starts with the byte 0x69 at byte 1'],
    ['d1:bi1e1:ai2ee', 'a key out of order at byte 7'],
    ['d1:ai1e1:ai2ee', 'a duplicate key at byte 7'],
    ['d1:ai1e2:aai1e1:\x00i2ee', 'a key out of order at byte 14'],
    ['i1ei2e', '3 bytes follow the value, which ends at byte 3'],
    ['i1e\n', '1 bytes follow the value, which ends at byte 3'],
  ])('refuses %j', (text, fault) => {
    expect(decode(text)).toBe(fault)
  })

  it('tolerates unsorted keys, and only those, when asked to', () => {
    const options = { canonical: false }
    expect(decode('d1:bi1e1:ai2ee', options)).toEqual(
      new Map([
        ['b', 1],
        ['a', 2],
      ]),
    )
    expect(decode('d1:bi1e1:ai2e1:bi3ee', options)).toBe('a duplicate key at byte 13')
    expect(decode('d1:bi1e1:ai2e1:ai3ee', options)).toBe('a duplicate key at byte 13')
    expect(decode('i-0e', options)).toContain('shortest form')
    expect(decode('l01:ae', options)).toContain('shortest form')
  })

  it('counts nesting without using the call stack', () => {
    expect(decode('l'.repeat(100) + 'e'.repeat(100))).toBeInstanceOf(Array)
    for (const depth of [101, 10_000, 1_000_000]) {
      expect(decode('l'.repeat(depth) + 'e'.repeat(depth))).toBe('nesting deeper than 100 at byte 100')
      expect(decode(`${'d0:'.repeat(depth)}i0e${'e'.repeat(depth)}`)).toBe('nesting deeper than 100 at byte 300')
    }
  })

  it('keeps to its limits', () => {
    expect(decode('li1ei2ei3ee', { maxTokens: 3 })).toBe('more than 3 values, the last at byte 7')
    expect(decode('li1ei2ee', { maxTokens: 3 })).toEqual([1, 2])
    expect(decode('3:abc', { maxBytes: 4 })).toBe('5 bytes, more than the limit of 4')
    expect(decode('lllleeee', { maxDepth: 3 })).toBe('nesting deeper than 3 at byte 3')
  })

  it('treats the names of object members as plain data', () => {
    const value = decodeBencode(utf8Bytes('d9:__proto__d8:pollutedi1ee11:constructori2e8:toStringi3ee'))
    expect(value).toEqual({
      ok: true,
      value: new Map<string, Bencode>([
        ['__proto__', new Map([['polluted', 1]])],
        ['constructor', 2],
        ['toString', 3],
      ]),
    })
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })

  it('gives plain views of the input, whatever kind of array that is', () => {
    const input = Buffer.from('xx3:abc').subarray(2)
    const result = decodeBencode(input)
    if (!result.ok) expect.fail(result.fault)
    const bytes = asBytes(result.value)
    expect(Object.getPrototypeOf(bytes)).toBe(Uint8Array.prototype)
    input.set([0x7a], 2)
    expect(bytes).toEqual(utf8Bytes('zbc'))
  })

  it('gives back what was encoded', () => {
    fc.assert(
      fc.property(anyBencode, (value) => {
        expect(decodeBencode(encodeBencode(value))).toEqual({ ok: true, value })
      }),
    )
  })

  it('accepts only bytes that encode back to themselves', () => {
    const alphabet = [...Buffer.from('ilde0123459:-ab')]
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...alphabet), { maxLength: 24 }), (input) => {
        const bytes = Uint8Array.from(input)
        const result = decodeBencode(bytes)
        if (result.ok) expect(encodeBencode(result.value)).toEqual(bytes)
        else expect(result.fault).toMatch(/byte/)
      }),
      { numRuns: 2_000 },
    )
  })

  it('survives sound values with one byte changed or cut off', () => {
    fc.assert(
      fc.property(anyBencode, fc.nat(), fc.nat(255), fc.nat(), (value, at, byte, cut) => {
        const bytes = encodeBencode(value)
        bytes[at % bytes.length] = byte
        const kept = bytes.subarray(0, cut % (bytes.length + 1))
        const result = decodeBencode(kept)
        if (result.ok) expect(encodeBencode(result.value)).toEqual(kept)
      }),
    )
  })
})

describe('decodeBencodePrefix', () => {
  it('says where the value ends and leaves the raw bytes behind it alone', () => {
    const result = decodeBencodePrefix(utf8Bytes('d8:msg_typei1e5:piecei0eeRAW'))
    expect(result).toEqual({
      ok: true,
      value: {
        value: new Map([
          ['msg_type', 1],
          ['piece', 0],
        ]),
        length: 25,
      },
    })
  })

  it('refuses bytes that hold no whole value', () => {
    expect(decodeBencodePrefix(utf8Bytes('d8:msg_type'))).toEqual({ ok: false, fault: 'the data ends at byte 11, inside a value' })
  })
})

describe('encodeBencode', () => {
  it('sorts keys bytewise and writes text as UTF-8', () => {
    const value = new Map<string, string | number>([
      ['b', 'ü'],
      ['a', 1],
      ['B', 'x'],
      ['\xff', 0],
    ])
    expect(Buffer.from(encodeBencode(value)).toString('latin1')).toBe('d1:B1:x1:ai1e1:b2:\xc3\xbc1:\xffi0ee')
  })

  it('writes what the bencode package writes', () => {
    const value = { list: [1, 'two', ['three']], name: 'ß', size: 123456789012, sub: { a: 0, b: '' } }
    const entries = new Map<string, never>(Object.entries({ ...value, sub: new Map(Object.entries(value.sub)) }) as never)
    expect(encodeBencode(entries)).toEqual(new Uint8Array(oracle.encode(value)))
  })

  it('grows for large strings', () => {
    const bytes = new Uint8Array(100_000).fill(7)
    expect(encodeBencode([bytes, bytes])).toHaveLength(2 + 2 * 100_007)
  })

  it.each([1.5, Number.NaN, 2 ** 53, Number.POSITIVE_INFINITY])('does not encode %d', (value) => {
    expect(() => encodeBencode(value)).toThrow(expect.objectContaining({ code: 'INTERNAL' }))
  })

  it('does not encode a key beyond latin-1', () => {
    expect(() => encodeBencode(new Map([['ā', 1]]))).toThrow(expect.objectContaining({ code: 'INTERNAL' }))
  })
})

describe('the accessors', () => {
  it('give a value of their own kind and nothing for the others', () => {
    const values: Bencode[] = [7, utf8Bytes('text'), [1], new Map([['a', 1]])]
    expect(values.map(asInteger)).toEqual([7, undefined, undefined, undefined])
    expect(values.map(asBytes)).toEqual([undefined, utf8Bytes('text'), undefined, undefined])
    expect(values.map(asText)).toEqual([undefined, 'text', undefined, undefined])
    expect(values.map(asList)).toEqual([undefined, undefined, [1], undefined])
    expect(values.map(asDictionary)).toEqual([undefined, undefined, undefined, new Map([['a', 1]])])
    expect(asText(Uint8Array.of(0xff))).toBeUndefined()
  })
})
