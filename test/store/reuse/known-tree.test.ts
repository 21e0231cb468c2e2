import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeKnownTree, encodeKnownTree, type KnownTree } from '../../../src/store/reuse/known-tree.ts'
import { encodeBencode } from '../../../src/torrent/bencode.ts'

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }).filter((text) => !/[/\\\0]|^\.{1,2}$/.test(text))
const root = bytes(32).map((root) => Buffer.from(root).toString('latin1'))

const trees: fc.Arbitrary<KnownTree> = fc.boolean().chain((hasRoots) =>
  fc.record({
    infoHashes: fc.array(bytes(20), { minLength: 1, maxLength: 2 }),
    place: fc.array(name, { maxLength: 4 }).map((names) => `/${names.join('/')}`),
    isSingleFile: fc.constant(false),
    files: fc.array(
      fc.record({
        path: fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join('/')),
        lengthBytes: fc.maxSafeNat().map((length) => Math.max(1, length)),
        root: hasRoots ? root : fc.constant(undefined),
      }),
      { minLength: 1, maxLength: 20 },
    ),
    hints: fc.record({
      similar: fc.array(bytes(20), { maxLength: 3 }),
      collections: fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 3 }),
    }),
    notedMs: fc.maxSafeNat(),
  }),
)

const tree: KnownTree = {
  infoHashes: [new Uint8Array(20).fill(1)],
  place: '/srv/app',
  isSingleFile: false,
  files: [
    { path: 'bin/app', lengthBytes: 5, root: '\xff'.repeat(32) },
    { path: 'README', lengthBytes: 7, root: '\x00'.repeat(32) },
  ],
  hints: { similar: [], collections: [] },
  notedMs: 1_700_000_000_000,
}

/** The fields of the record of `tree`, with some changed; a field that is undefined is left out. */
function record(changes: Readonly<Record<string, number | string | Uint8Array | readonly Uint8Array[] | undefined>>): Uint8Array {
  const fields: Record<string, number | string | Uint8Array | readonly Uint8Array[] | undefined> = {
    hashes: tree.infoHashes,
    lengths: Buffer.from('00000000000000050000000000000007', 'hex'),
    noted: tree.notedMs,
    paths: 'bin/app\0README',
    place: tree.place,
    roots: Buffer.from(tree.files.map(({ root = '' }) => root).join(''), 'latin1'),
    single: 0,
    version: 1,
    ...changes,
  }
  return encodeBencode(new Map(Object.entries(fields).flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const]))))
}

describe('the record of a known tree', () => {
  it('is read back as it was written', () => {
    fc.assert(
      fc.property(trees, (each) => {
        expect(decodeKnownTree(encodeKnownTree(each))).toEqual({ ok: true, value: each })
      }),
    )
  })

  it('holds the fields that this version writes', () => {
    expect(decodeKnownTree(record({}))).toEqual({ ok: true, value: tree })
    expect(Buffer.from(encodeKnownTree(tree)).equals(record({}))).toBe(true)
  })

  it.each([
    ['a version that is not known', { version: 2 }],
    ['no version', { version: undefined }],
    ['a place that is not absolute', { place: 'srv/app' }],
    ['a place with a zero in it', { place: '/srv\0/app' }],
    ['no info-hash', { hashes: [] }],
    ['three info-hashes', { hashes: [1, 2, 3].map((fill) => new Uint8Array(20).fill(fill)) }],
    ['an info-hash of another length', { hashes: [new Uint8Array(32)] }],
    ['a time before 1970', { noted: -1 }],
    ['half a length', { lengths: new Uint8Array(12) }],
    ['a file without content', { lengths: new Uint8Array(16) }],
    ['a length beyond what can be counted', { lengths: new Uint8Array(16).fill(255) }],
    ['no files', { lengths: new Uint8Array(), paths: '', roots: undefined }],
    ['a path too few', { paths: 'README' }],
    ['a path too many', { paths: 'a\0b\0c' }],
    ['a path that leads out', { paths: 'bin/../../../etc/passwd\0README' }],
    ['a path that is absolute', { paths: '/etc/passwd\0README' }],
    ['a path that names its own folder', { paths: 'bin/./app\0README' }],
    ['a path that ends with a slash', { paths: 'bin/\0README' }],
    ['a path that climbs behind one with a backslash', { paths: 'a\\b\0..' }],
    ['a path that is not UTF-8', { paths: Buffer.from('ff00ff', 'hex') }],
    ['a root too few', { roots: new Uint8Array(32) }],
    ['roots that are no string', { roots: 5 }],
    ['several files in a single one', { single: 1 }],
    ['a hint at an info-hash of another length', { similar: [new Uint8Array(19)] }],
    ['a hint that is no list', { similar: new Uint8Array(20) }],
    ['a collection that is not UTF-8', { collections: [Buffer.from([0xff])] }],
    ['101 hints', { collections: Array.from({ length: 101 }, () => Buffer.from('a')) }],
  ])('is refused with %s', (_what, changes) => {
    expect(decodeKnownTree(record(changes)).ok).toBe(false)
  })

  it('is refused when it is cut anywhere', () => {
    const whole = encodeKnownTree(tree)
    for (let end = 0; end < whole.length; end++) expect(decodeKnownTree(whole.subarray(0, end)).ok).toBe(false)
  })
})
