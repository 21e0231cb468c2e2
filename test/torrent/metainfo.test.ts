import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { utf8Bytes } from '../../src/base/bytes.ts'
import { DistroError } from '../../src/base/errors.ts'
import { type Bencodable, encodeBencode } from '../../src/torrent/bencode.ts'
import { decodeMetainfo, METAINFO_MAX_BYTES } from '../../src/torrent/metainfo.ts'
import { cpuTimeMs } from '../support/cpu-time.ts'
import { dictionary, type Fields, file, folderInfo, hashes, singleInfo, torrent, torrentAround, unsorted } from './build-torrent.ts'

function failure(bytes: Uint8Array): DistroError {
  try {
    decodeMetainfo(bytes)
  } catch (error) {
    if (error instanceof DistroError) return error
    throw error
  }
  return expect.fail('the torrent loads')
}

const single = (changes: Fields = {}, more: Fields = {}) => torrent(singleInfo(changes), more)

describe('decodeMetainfo', () => {
  it('reads a torrent of one file', () => {
    const metainfo = decodeMetainfo(single())
    expect(metainfo.info).toEqual({
      name: 'release.bin',
      pieceLengthBytes: 16_384,
      pieceHashes: hashes(3),
      files: [{ path: ['release.bin'], lengthBytes: 40_000, offsetBytes: 0, kind: 'file' }],
      isSingleFile: true,
      totalBytes: 40_000,
      isPrivate: false,
    })
    expect(metainfo).toMatchObject({
      trackers: [],
      webSeeds: [],
      nodes: [],
      comment: undefined,
      createdBy: undefined,
      creationDate: undefined,
    })
    expect(metainfo).not.toHaveProperty('warnings')
  })

  it('reads a torrent of a folder', () => {
    const { info } = decodeMetainfo(
      torrent(folderInfo([file('a.txt', 10), file('lib/empty', 0), file('lib/b.bin', 2_000)], { private: 1 })),
    )
    expect(info).toMatchObject({ name: 'release', isSingleFile: false, totalBytes: 2_010, isPrivate: true })
    expect(info.files).toEqual([
      { path: ['a.txt'], lengthBytes: 10, offsetBytes: 0, kind: 'file' },
      { path: ['lib', 'empty'], lengthBytes: 0, offsetBytes: 10, kind: 'file' },
      { path: ['lib', 'b.bin'], lengthBytes: 2_000, offsetBytes: 10, kind: 'file' },
    ])
  })

  it('hashes the info dictionary as received, unknown fields included', () => {
    const info = singleInfo({ 'x-build': 'nightly', source: dictionary({ __proto__x: 1 }) })
    const metainfo = decodeMetainfo(torrent(info, { comment: 'x' }))
    expect(metainfo.infoBytes).toEqual(encodeBencode(info))
    expect(metainfo.infoHash).toEqual(new Uint8Array(createHash('sha1').update(encodeBencode(info)).digest()))
  })

  it('treats the names of object members as plain names', () => {
    const { info } = decodeMetainfo(
      torrent(folderInfo([file('__proto__', 1), file('constructor/toString', 2)], { name: 'hasOwnProperty' })),
    )
    expect(info.files.map((entry) => entry.path)).toEqual([['__proto__'], ['constructor', 'toString']])
  })

  it.each<[string, Uint8Array, string, string?]>([
    ['an empty file', new Uint8Array(), 'This is not a torrent: it is empty.'],
    ['one byte', utf8Bytes('d'), 'malformed: the data ends at byte 1'],
    ['a web page', utf8Bytes('<html><head><title>Log in'), 'This is not a torrent: it starts with "<html><head><tit".'],
    ['text', utf8Bytes('hello world'), 'it starts with "hello".'],
    ['binary', Uint8Array.of(0x1f, 0x8b, 8, 0), 'it starts with "\\u{1f}'],
    ['a list', utf8Bytes('le'), 'it starts with "le"'],
    ['bytes behind the end', Buffer.concat([single(), utf8Bytes('x')]), 'bytes follow its end'],
    ['two line breaks behind the end', Buffer.concat([single(), utf8Bytes('\n\n')]), '2 bytes follow its end'],
    ['a negative string length', utf8Bytes('d4:infod-3:abci1eee'), 'at byte 8'],
    ['deep nesting', utf8Bytes(`d4:info${'l'.repeat(1_000_000)}`), 'nesting deeper than 100 at byte 106'],
    ['no info', encodeBencode(dictionary({ comment: 'x' })), 'info is missing'],
    ['info as a list', torrent([]), 'info is a list, not a dictionary'],
    ['info as an integer', torrent(5), 'info is an integer, not a dictionary'],
    ['info as a string', torrent('files'), 'info is a string, not a dictionary'],
    [
      'a doubled key in info',
      torrentAround(
        unsorted([
          ['length', 5],
          ['length', 5],
        ]),
      ),
      'a duplicate key at byte',
    ],
    [
      'unsorted keys in info',
      torrentAround(
        unsorted([
          ['name', 'x'],
          ['length', 5],
          ['piece length', 16_384],
          ['pieces', hashes(1)],
        ]),
      ),
      'it is not canonical (a key out of order at byte 17), so that its info-hash would be ambiguous',
    ],
    [
      'unsorted keys around info',
      Buffer.concat([utf8Bytes('d5:nodesle4:info'), encodeBencode(singleInfo()), utf8Bytes('e')]),
      'not canonical',
    ],
    [
      'unsorted keys and a wrong field',
      torrentAround(
        unsorted([
          ['name', 'x'],
          ['length', -5],
        ]),
      ),
      'info.piece length is missing',
    ],
    ['no piece length', single({ 'piece length': undefined }), 'info.piece length is missing'],
    ['piece length 0', single({ 'piece length': 0 }), 'info.piece length is 0, less than 1'],
    ['piece length 1', single({ 'piece length': 1 }), 'info.piece length is 1, not a multiple of 16 KiB'],
    ['piece length 32,767', single({ 'piece length': 32_767 }), 'info.piece length is 32767, not a multiple of 16 KiB'],
    ['a negative piece length', single({ 'piece length': -16_384 }), 'info.piece length is -16384, less than 1'],
    ['a piece length in text', single({ 'piece length': '16384' }), 'info.piece length is a string, not an integer'],
    [
      'an endless piece length',
      single({ 'piece length': Number.MAX_SAFE_INTEGER }),
      'info.piece length is 9007199254740991, not a multiple',
    ],
    ['a piece length of 1 GiB', single({ 'piece length': 2 ** 30 }), 'more than 536870912', 'LIMIT_EXCEEDED'],
    [
      'pieces of 128 MiB',
      single({ 'piece length': 2 ** 27, length: 2 ** 30, pieces: hashes(8) }),
      'info.piece length is 134217728',
      'LIMIT_EXCEEDED',
    ],
    ['no name', single({ name: undefined }), 'info.name is missing'],
    ['a name that is a number', single({ name: 1348 }), 'info.name is an integer, not a string'],
    ['no length', single({ length: undefined }), 'info.length is missing'],
    ['a negative length', single({ length: -425 }), 'info.length is -425, less than 0'],
    ['a length in text', single({ length: '5' }), 'info.length is a string, not an integer'],
    ['a length of 2^53', torrentAround(utf8Bytes('d6:lengthi9007199254740992ee')), 'an integer beyond 2^53 - 1 at byte 16'],
    ['one empty file', single({ length: 0, pieces: '' }), 'info.length is 0'],
    ['no pieces', single({ pieces: undefined }), 'info.pieces is missing'],
    ['pieces as an integer', single({ pieces: -23 }), 'info.pieces is an integer, not a string'],
    ['empty pieces', single({ pieces: '' }), 'info.pieces has 0 bytes, where 3 pieces take 3 x 20 = 60'],
    ['pieces cut off', single({ pieces: hashes(3).subarray(1) }), 'info.pieces has 59 bytes, where 3 pieces take 3 x 20 = 60'],
    ['too few pieces', single({ pieces: hashes(2) }), 'info.pieces has 40 bytes'],
    ['too many pieces', single({ pieces: hashes(4) }), 'info.pieces has 80 bytes'],
    [
      'a length that takes too many pieces',
      single({ length: 1_759_218_597_889 }),
      'its files make 107374183 pieces, more than 400000',
      'LIMIT_EXCEEDED',
    ],
    ['files and a length', torrent(folderInfo([file('a', 5)], { length: 5 })), 'info has both length and files'],
    ['no files', torrent(folderInfo([])), 'info.files is empty'],
    ['files as a dictionary', torrent(singleInfo({ length: undefined, files: dictionary({}) })), 'info.files is a dictionary, not a list'],
    ['a file that is a string', torrent(folderInfo(['x'])), 'info.files[0] is a string, not a dictionary'],
    ['a file without path', torrent(folderInfo([file('a', 5), dictionary({ length: 4 })])), 'info.files[1].path is missing'],
    ['an empty path', torrent(folderInfo([file('a', 5, { path: [] })])), 'info.files[0].path is empty'],
    ['a path that is a string', torrent(folderInfo([file('a', 5, { path: 'a' })])), 'info.files[0].path is a string, not a list'],
    ['a path with a number', torrent(folderInfo([file('a', 5, { path: ['a', 7] })])), 'info.files[0].path[1] is an integer, not a string'],
    ['a file without length', torrent(folderInfo([dictionary({ path: ['a'] })])), 'info.files[0].length is missing'],
    ['a negative file length', torrent(folderInfo([file('a', -1)])), 'info.files[0].length is -1, less than 0'],
    [
      'file lengths that overflow',
      torrent(folderInfo([file('a', 2 ** 52), file('b', 2 ** 52)])),
      'add up to more than 2^53 bytes at info.files[1].length',
      'LIMIT_EXCEEDED',
    ],
    [
      'padding of a piece',
      torrent(folderInfo([file('a', 5), file('.pad/0', 16_384, { attr: 'p' })])),
      'info.files[1].length pads 16384 bytes',
    ],
    [
      'padding alone',
      torrent(folderInfo([file('a', 0), file('.pad/0', 0, { attr: 'p' })], { pieces: '' })),
      'info.files holds padding and no content',
    ],
    [
      'a link that pads',
      torrent(folderInfo([file('a', 5), file('b', 5, { attr: 'lp' })])),
      'info.files[1].attr calls one entry padding and a link',
    ],
    ['a link without target', torrent(folderInfo([file('a', 5), file('b', 0, { attr: 'l' })])), 'info.files[1].symlink path is missing'],
    [
      'a link whose target has a number',
      torrent(folderInfo([file('a', 5), file('b', 0, { attr: 'l', 'symlink path': ['a', 4] })])),
      'info.files[1].symlink path[1] is an integer',
    ],
    ['an attr that is a number', torrent(folderInfo([file('a', 5, { attr: 1 })])), 'info.files[0].attr is an integer, not a string'],
    ['private in text', single({ private: '1' }), 'info.private is a string, not an integer'],
    ['a path that climbs', torrent(folderInfo([file('../../etc/passwd', 5)])), 'info.files[0].path[0] is ".."', 'PATH_REFUSED'],
    ['a name that climbs', single({ name: '..' }), 'info.name is ".."', 'PATH_REFUSED'],
    ['a name with a slash', single({ name: 'temp/../../abc' }), 'info.name is "temp/../../abc"', 'PATH_REFUSED'],
    ['an empty name', single({ name: '' }), 'info.name is ""', 'PATH_REFUSED'],
    [
      'two files of one name',
      torrent(folderInfo([file('foo/bar', 5), file('foo/bar', 4)])),
      'info.files[1].path "foo/bar" collides',
      'PATH_REFUSED',
    ],
    [
      'a file that is a link too',
      torrent(folderInfo([file('foo', 5), file('foo', 0, { attr: 'l', 'symlink path': ['x'] })])),
      'info.files[1].path "foo" collides',
      'PATH_REFUSED',
    ],
    ['a name that is not UTF-8', single({ name: Uint8Array.of(0x61, 0xff) }), 'info.name is not UTF-8: "aÿ"', 'PATH_REFUSED'],
    [
      'a path that is not UTF-8',
      torrent(folderInfo([file('a', 5, { path: [Uint8Array.of(0xc3)] })])),
      'info.files[0].path[0] is not UTF-8',
      'PATH_REFUSED',
    ],
    ['two names that differ', single({ 'name.utf-8': 'evil.bin' }), 'info.name and info.name.utf-8 differ', 'PATH_REFUSED'],
    [
      'two paths that differ',
      torrent(folderInfo([file('a/b', 5, { 'path.utf-8': ['a', 'c'] })])),
      'info.files[0].path and info.files[0].path.utf-8 differ',
      'PATH_REFUSED',
    ],
    ['a future version', single({ 'meta version': 3 }), 'info.meta version is 3', 'TORRENT_UNSUPPORTED'],
  ])('refuses %s', (_, bytes, message, code = 'TORRENT_INVALID') => {
    const error = failure(bytes)
    expect(error.message).toContain(message)
    expect(error.code).toBe(code)
    expect(error.hint).toMatch(/\.$|\?$/)
  })

  it('refuses a file of more than 10 MB without looking into it', () => {
    const unseen = new Proxy(new Uint8Array(METAINFO_MAX_BYTES + 1), {
      get: (bytes, name) => (name === 'length' ? bytes.length : expect.fail(`looked at ${String(name)}`)),
    })
    expect(failure(unseen)).toMatchObject({ code: 'LIMIT_EXCEEDED' })
  })

  it.each([
    ['an unknown field', `d1:al${'0:'.repeat(1_900_000)}e4:infod4:name0:ee`, 'info.name is "": a name cannot be empty'],
    [
      'files',
      `d4:infod5:filesl${'0:'.repeat(1_900_000)}e4:name1:x12:piece lengthi16384e6:pieces0:ee`,
      'info.files has more than 200000 entries',
    ],
    [
      'a path',
      `d4:infod5:filesld6:lengthi1e4:pathl${'1:a'.repeat(1_900_000)}eee4:name1:x12:piece lengthi16384e6:pieces0:ee`,
      'info.files[0].path has more than 1000 entries',
    ],
    ['no end', `d1:al${'0:'.repeat(1_900_000)}`, 'the data ends at byte 3800005'],
  ])('refuses millions of values in %s without keeping them', (_where, text, message) => {
    const bytes = Buffer.from(text, 'latin1')
    const before = process.memoryUsage().heapUsed
    expect(failure(bytes).message).toContain(message)
    // A value that is built takes a hundred bytes and more.
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(40_000_000)
  })

  it('refuses the 200,001st file', () => {
    const many = Array.from({ length: 200_000 }, (_, index) => file(`${index}`, 0))
    expect(decodeMetainfo(torrent(folderInfo(many, { pieces: '' }))).info.files).toHaveLength(200_000)
    expect(failure(torrent(folderInfo([...many, file('x', 0)], { pieces: '' })))).toMatchObject({
      code: 'LIMIT_EXCEEDED',
      message: expect.stringContaining('info.files has more than 200000 entries'),
    })
  })

  it('takes a folder of empty files', () => {
    const { info } = decodeMetainfo(torrent(folderInfo([file('a', 0), file('b', 0)], { pieces: '' })))
    expect(info).toMatchObject({ totalBytes: 0, isSingleFile: false, pieceHashes: new Uint8Array() })
  })

  it('takes a piece length beyond 64 MiB where no piece is that large', () => {
    const { info } = decodeMetainfo(single({ 'piece length': 32_767 * 16_384, pieces: hashes(1) }))
    expect(info.pieceLengthBytes).toBe(536_854_528)
  })

  it('takes a line break behind the end', () => {
    for (const end of ['\n', '\r\n']) expect(decodeMetainfo(Buffer.concat([single(), utf8Bytes(end)])).info.name).toBe('release.bin')
  })

  it('takes .utf-8 twins that say the same', () => {
    const files = [file('ü/b', 5, { 'path.utf-8': ['ü', 'b'] })]
    expect(decodeMetainfo(torrent(folderInfo(files, { 'name.utf-8': 'release' }))).info.name).toBe('release')
  })

  it('knows padding by its attribute and by its old name', () => {
    const files = [
      file('a', 10),
      file('x', 16_374, { attr: 'p' }),
      file('b', 45),
      file('_____padding_file_0_if you see this', 7),
      file('c', 1),
    ]
    const { info } = decodeMetainfo(torrent(folderInfo([...files, dictionary({ attr: 'xp', length: 5 })], { pieces: hashes(2) })))
    expect(info.files.map((entry) => [entry.path.join('/'), entry.kind, entry.offsetBytes])).toEqual([
      ['a', 'file', 0],
      ['.pad/16374', 'padding', 10],
      ['b', 'file', 16_384],
      ['.pad/7', 'padding', 16_429],
      ['c', 'file', 16_436],
      ['.pad/5', 'padding', 16_437],
    ])
  })

  it('sets links apart from the files', () => {
    const files = [file('lib/a.so.1', 10), file('lib/a.so', 400, { attr: 'l', 'symlink path': ['lib', 'a.so.1'] }), file('z', 1)]
    const { info } = decodeMetainfo(torrent(folderInfo(files)))
    expect(info.files.map((entry) => entry.path.join('/'))).toEqual(['lib/a.so.1', 'z'])
    expect(info).toMatchObject({ totalBytes: 11, symlinks: [{ path: ['lib', 'a.so'], target: ['lib', 'a.so.1'] }] })
  })

  it('takes names that not every system takes only where the torrent says that they are meant', () => {
    const files = [file('aux.txt', 5), file('dots.', 1), file('a\\b', 1), file('line\nbreak', 1), file('A', 1), file('a', 1)]
    const saying = (names: Bencodable) => torrent(folderInfo(files, { distro: dictionary({ names }) }))
    expect(failure(torrent(folderInfo(files)))).toMatchObject({
      code: 'PATH_REFUSED',
      message: expect.stringContaining('info.files[0].path[0] is "aux.txt"'),
    })
    expect(decodeMetainfo(saying('posix')).info).toMatchObject({ hasPosixNames: true, files: { length: 6 } })
    expect(failure(saying('all'))).toMatchObject({ code: 'TORRENT_INVALID', message: expect.stringContaining('info.distro.names') })
    expect(failure(saying(1))).toMatchObject({ code: 'TORRENT_INVALID', message: expect.stringContaining('info.distro.names') })
    for (const name of ['..', 'a/b', 'a\0b', '']) {
      const path = dictionary({ length: 1, path: [name] })
      expect(failure(torrent(folderInfo([path], { distro: dictionary({ names: 'posix' }) })))).toMatchObject({ code: 'PATH_REFUSED' })
    }
  })

  it('reads half a megabyte of hostile tokens in a moment', () => {
    const bytes = utf8Bytes(`d4:info${'l1:a'.repeat(90)}${'0:'.repeat(250_000)}`)
    expect(cpuTimeMs(() => expect(failure(bytes).code).toBe('TORRENT_INVALID'))).toBeLessThan(1_000)
  })

  it('ends with a torrent or a named error, whatever is changed', () => {
    const sound = torrent(folderInfo([file('a/b', 10), file('a/c', 5, { attr: 'p' }), file('d', 1)], { private: 0 }), {
      announce: 'udp://a.example:1',
    })
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(sound.length - 1), fc.nat(255)), { minLength: 1, maxLength: 3 }), (changes) => {
        const bytes = sound.slice()
        for (const [at, byte] of changes) bytes[at] = byte
        try {
          decodeMetainfo(bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(DistroError)
        }
      }),
      { numRuns: 1_000 },
    )
  })
})
