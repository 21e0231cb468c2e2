import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkKrpc, MAX_KRPC_BYTES } from '../../src/discovery/krpc-guard.ts'
import { type Bencodable, decodeBencode, encodeBencode } from '../../src/torrent/bencode.ts'
import { dictionary, type Fields, idOf, question, reply } from './support/krpc-sample.ts'

const methods = ['ping', 'find_node', 'get_peers', 'announce_peer', 'get', 'put']

/** Something of every type and of awkward sizes, each with a name for the title. */
const shapes: readonly (readonly [string, Bencodable])[] = [
  ['an integer', 5],
  ['a negative integer', -1],
  ['a large integer', Number.MAX_SAFE_INTEGER],
  ['an empty string', ''],
  ['a string of 19 bytes', new Uint8Array(19)],
  ['a string of 20 bytes', new Uint8Array(20)],
  ['a string of 21 bytes', new Uint8Array(21)],
  ['a string of 65 bytes', new Uint8Array(65)],
  ['an empty list', []],
  ['a list of integers', [1, 2]],
  ['a list of strings', ['ab', 'cd']],
  ['an empty dictionary', new Map()],
  ['a dictionary', new Map([['id', idOf(1)]])],
]

/** Which shapes each field allows; everything else must be refused under the field's own name. */
const allowedShapes: Readonly<Record<string, readonly string[]>> = {
  id: ['a string of 20 bytes'],
  info_hash: ['a string of 20 bytes'],
  target: ['a string of 20 bytes'],
  token: ['a string of 19 bytes', 'a string of 20 bytes', 'a string of 21 bytes'],
  port: ['an integer'],
  implied_port: [],
  nodes: ['an empty string'],
  nodes6: ['an empty string'],
  values: ['an empty list'],
  k: [],
  sig: [],
  seq: ['an integer', 'a large integer'],
  cas: ['an integer', 'a large integer'],
  salt: ['an empty string', 'a string of 19 bytes', 'a string of 20 bytes', 'a string of 21 bytes'],
}

describe('checkKrpc', () => {
  test.each(methods)('accepts a sound %s', (method) => {
    const checked = checkKrpc(question(method))
    expect(checked).toMatchObject({ ok: true, value: { kind: 'query', method, isReadOnly: false } })
  })

  test('accepts a reply with everything a node may say', () => {
    const bytes = reply(
      { nodes: new Uint8Array(52), nodes6: new Uint8Array(38), values: [new Uint8Array(6)], token: 'x', p: 6881 },
      { ip: new Uint8Array(6), v: 'LT\u0001\u0002', other: [1, [2, new Map([['x', 3]])]] },
    )
    expect(checkKrpc(bytes)).toMatchObject({ ok: true, value: { kind: 'reply' } })
  })

  test('accepts an error of a code and a sentence', () => {
    expect(checkKrpc(message({ e: [201, 'A Generic Error Ocurred'], t: 'aa', y: 'e' }))).toMatchObject({
      ok: true,
      value: { kind: 'error' },
    })
  })

  for (const [name, allowed] of Object.entries(allowedShapes)) {
    for (const [shape, value] of shapes) {
      if (allowed.includes(shape)) continue
      test(`refuses ${shape} as ${name}, in questions and in replies`, () => {
        expect(checkKrpc(question('announce_peer', { [name]: value }))).toEqual({ ok: false, fault: name })
        expect(checkKrpc(reply({ [name]: value }))).toEqual({ ok: false, fault: name })
      })
    }
    for (const [shape, value] of shapes) {
      if (!allowed.includes(shape)) continue
      test(`accepts ${shape} as ${name}`, () => {
        expect(checkKrpc(reply({ [name]: value })).ok).toBe(true)
      })
    }
  }

  test.each([
    ['announce_peer', 'token'],
    ['announce_peer', 'info_hash'],
    ['get_peers', 'info_hash'],
    ['find_node', 'target'],
    ['get', 'target'],
    ['put', 'token'],
    ['put', 'v'],
    ['ping', 'id'],
  ])('refuses %s without %s', (method, missing) => {
    expect(checkKrpc(question(method, { [missing]: undefined }))).toEqual({ ok: false, fault: missing })
  })

  test.each([
    ['no port and none implied', { port: undefined }, 'port'],
    ['port 0 and none implied', { port: 0 }, 'port'],
    ['port 65536', { port: 65_536 }, 'port'],
    ['implied_port 2', { implied_port: 2 }, 'implied_port'],
    ['values of 5 bytes', { values: [new Uint8Array(5)] }, 'values'],
    ['values of 18 bytes', { values: [new Uint8Array(18)] }, 'values'],
    ['nodes of 25 bytes', { nodes: new Uint8Array(25) }, 'nodes'],
    ['nodes6 of 26 bytes', { nodes6: new Uint8Array(26) }, 'nodes6'],
  ] satisfies [string, Fields, string][])('refuses an announce with %s', (_, more, fault) => {
    expect(checkKrpc(question('announce_peer', more))).toEqual({ ok: false, fault })
  })

  test('takes the sender’s own port when an announce implies it', () => {
    const checked = checkKrpc(question('announce_peer', { port: 0, implied_port: 1 }))
    expect(checked).toMatchObject({ ok: true, value: { announcedPort: 0 } })
    expect(checkKrpc(question('announce_peer', { port: 77 }))).toMatchObject({ ok: true, value: { announcedPort: 77 } })
  })

  test.each([
    ['no key', { sig: new Uint8Array(64), seq: 1 }, 'k'],
    ['no signature', { k: new Uint8Array(32), seq: 1 }, 'sig'],
    ['no sequence number', { k: new Uint8Array(32), sig: new Uint8Array(64) }, 'seq'],
    ['a value of more than 1,000 bytes', { v: new Uint8Array(1_000) }, 'v'],
  ] satisfies [string, Fields, string][])('refuses a mutable item with %s', (_, more, fault) => {
    expect(checkKrpc(question('put', more))).toEqual({ ok: false, fault })
  })

  test('accepts a mutable item whose fields have their sizes', () => {
    const more = { k: new Uint8Array(32), sig: new Uint8Array(64), seq: 4, cas: 3, salt: 'salt', v: new Uint8Array(996) }
    expect(checkKrpc(question('put', more)).ok).toBe(true)
  })

  test.each([
    ['no transaction id', { t: undefined }, 't'],
    ['an empty transaction id', { t: '' }, 't'],
    ['a transaction id of 33 bytes', { t: new Uint8Array(33) }, 't'],
    ['an integer for a transaction id', { t: 1 }, 't'],
    ['no kind', { y: undefined }, 'kind'],
    ['an unknown kind', { y: 'x' }, 'kind'],
    ['a kind of two letters', { y: 'qq' }, 'y'],
    ['a list for a kind', { y: ['q'] }, 'y'],
    ['no method', { q: undefined }, 'method'],
    ['an unknown method', { q: 'vote' }, 'method'],
    ['an integer for a method', { q: 1 }, 'q'],
    ['no arguments', { a: undefined }, 'a'],
    ['a list for arguments', { a: [] }, 'a'],
    ['arguments and a result', { r: new Map([['id', idOf(1)]]) }, 'r'],
    ['a read-only mark of 2', { ro: 2 }, 'ro'],
    ['a read-only mark that is a string', { ro: '1' }, 'ro'],
    ['an error beside it that is a string', { e: 'no' }, 'e'],
    ['an error beside it without a sentence', { e: [201] }, 'e'],
    ['an error beside it of three parts', { e: [201, 'a', 'b'] }, 'e'],
  ] satisfies [string, Fields, string][])('refuses a question with %s', (_, outer, fault) => {
    expect(checkKrpc(question('ping', {}, outer))).toEqual({ ok: false, fault })
  })

  test.each([
    ['a reply without a result', { t: 'aa', y: 'r', z: 'padding to length' }, 'r'],
    ['a reply without an id', { r: new Map([['token', 'x']]), t: 'aa', y: 'r' }, 'id'],
    ['an error without its list', { t: 'aa', y: 'e', z: 'padding to length' }, 'e'],
  ] satisfies [string, Fields, string][])('refuses %s', (_, fields, fault) => {
    expect(checkKrpc(message(fields))).toEqual({ ok: false, fault })
  })

  test('reads the mark of a read-only node', () => {
    expect(checkKrpc(question('ping', {}, { ro: 1 }))).toMatchObject({ ok: true, value: { isReadOnly: true } })
  })

  test.each([
    ['unsorted keys', 'd1:t2:aa1:ad2:id20:aaaaaaaaaaaaaaaaaaaae1:q4:ping1:y1:qe'],
    ['a key twice', 'd1:ad2:id20:aaaaaaaaaaaaaaaaaaaa2:id20:aaaaaaaaaaaaaaaaaaaae1:q4:ping1:t2:aa1:y1:qe'],
    ['bytes behind the end', 'd1:ad2:id20:aaaaaaaaaaaaaaaaaaaae1:q4:ping1:t2:aa1:y1:qex'],
    ['a length with a leading zero', 'd1:ad2:id020:aaaaaaaaaaaaaaaaaaaae1:q4:ping1:t2:aa1:y1:qe'],
    ['an integer with a leading zero', 'd1:ad2:id20:aaaaaaaaaaaaaaaaaaaa1:xi01ee1:q4:ping1:t2:aa1:y1:qe'],
    ['a negative zero', 'd1:ad2:id20:aaaaaaaaaaaaaaaaaaaa1:xi-0ee1:q4:ping1:t2:aa1:y1:qe'],
    ['an integer of 2^53', 'd1:ad2:id20:aaaaaaaaaaaaaaaaaaaa1:xi9007199254740992ee1:q4:ping1:t2:aa1:y1:qe'],
    ['the key __proto__', 'd1:ad9:__proto__d1:xi1ee2:id20:aaaaaaaaaaaaaaaaaaaae1:q4:ping1:t2:aa1:y1:qe'],
    ['the key __proto__ deep inside', 'd1:ad2:id20:aaaaaaaaaaaaaaaaaaaa1:xd9:__proto__i1eee1:q4:ping1:t2:aa1:y1:qe'],
    ['nesting deeper than it needs', `d1:ad2:id20:aaaaaaaaaaaaaaaaaaaa1:x${'l'.repeat(9)}${'e'.repeat(9)}e1:q4:ping1:t2:aa1:y1:qe`],
    ['a list at the top', 'l4:ping4:ping4:ping4:pinge'],
    ['a length beyond its end', 'd1:ad2:id20:aaaaaaaaaaaaaaaaaaaae1:q4:ping1:t2:aa1:y99:qe'],
  ])('refuses %s', (_, text) => {
    const checked = checkKrpc(Buffer.from(text, 'latin1'))
    expect(checked.ok).toBe(false)
  })

  test('refuses what is too short and what is too long', () => {
    expect(checkKrpc(new Uint8Array(0))).toEqual({ ok: false, fault: 'size' })
    expect(checkKrpc(new Uint8Array(15))).toEqual({ ok: false, fault: 'size' })
    expect(checkKrpc(new Uint8Array(MAX_KRPC_BYTES + 1))).toEqual({ ok: false, fault: 'size' })
    expect(checkKrpc(question('ping', { x: new Uint8Array(MAX_KRPC_BYTES) }))).toEqual({ ok: false, fault: 'size' })
  })

  test('refuses every prefix of a sound message', () => {
    const whole = reply({ nodes: new Uint8Array(52), values: [new Uint8Array(6), new Uint8Array(6)], token: 'x' })
    for (let length = 0; length < whole.length; length++) expect(checkKrpc(whole.subarray(0, length)).ok).toBe(false)
  })

  test('accepts nothing that the strict bencode decoder refuses, and never throws', () => {
    const sound = [...methods.map((method) => question(method)), reply({ nodes: new Uint8Array(26), values: [new Uint8Array(6)] })]
    const mutation = fc.record({
      base: fc.constantFrom(...sound),
      changes: fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { maxLength: 4 }),
    })
    fc.assert(
      fc.property(mutation, ({ base, changes }) => {
        const bytes = Uint8Array.from(base)
        for (const [place, value] of changes) bytes[place % bytes.length] = value
        if (checkKrpc(bytes).ok) expect(decodeBencode(bytes).ok).toBe(true)
      }),
      { numRuns: 2_000 },
    )
  })

  test('points at the parts of what it accepts', () => {
    const bytes = reply({ nodes: new Uint8Array(26).fill(9), values: [new Uint8Array(6).fill(8)], token: 'seven' })
    const checked = checkKrpc(bytes)
    expect(checked.ok).toBe(true)
    if (!checked.ok) return
    const text = Buffer.from(bytes)
    const { value } = checked
    expect(text.toString('latin1', value.transactionStart, value.transactionEnd)).toBe('aa')
    expect(text.toString('latin1', value.tokenStart, value.tokenEnd)).toBe('seven')
    expect([...text.subarray(value.idStart, value.idStart + 20)]).toEqual([...idOf(2)])
    expect([...text.subarray(value.nodesStart, value.nodesEnd)]).toEqual([...new Uint8Array(26).fill(9)])
    expect(text.toString('latin1', value.valuesStart, value.valuesEnd)).toBe('l6:\b\b\b\b\b\be')
  })
})

function message(fields: Fields): Uint8Array {
  return encodeBencode(dictionary(fields))
}
