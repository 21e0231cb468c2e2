import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { decodeMetainfo } from '../../src/torrent/metainfo.ts'
import { dictionary, type Fields, file, folderInfo, hashes, singleInfo, torrent } from './build-torrent.ts'
import { leaf, rootOf } from './build-v2.ts'

describe('a hybrid torrent', () => {
  const hybrid = (files: Parameters<typeof folderInfo>[0], tree: Fields, changes: Fields = {}) =>
    torrent(folderInfo(files, { 'meta version': 2, 'file tree': dictionary(tree), ...changes }))
  const files = [file('a', 10), file('.pad/0', 16_374, { attr: 'p' }), file('b/c', 16_384), file('b/d', 0)]
  const tree = { a: leaf(10), b: dictionary({ c: leaf(16_384), d: leaf(0) }) }

  it('loads as v1', () => {
    const { info } = decodeMetainfo(hybrid(files, tree, { pieces: hashes(2) }))
    expect(info.files.map((entry) => entry.kind)).toEqual(['file', 'padding', 'file', 'file'])
    expect(
      decodeMetainfo(torrent(singleInfo({ 'meta version': 2, 'file tree': dictionary({ 'release.bin': leaf(40_000) }) }))).info
        .isSingleFile,
    ).toBe(true)
  })

  it.each<[string, Fields, string]>([
    ['another name', { a: leaf(10), b: dictionary({ x: leaf(16_384), d: leaf(0) }) }, 'differ at file 1'],
    ['another length', { a: leaf(10), b: dictionary({ c: leaf(16_383), d: leaf(0) }) }, 'differ at file 1'],
    ['another folder', { a: leaf(10), c: dictionary({ c: leaf(16_384), d: leaf(0) }) }, 'differ at file 1'],
    ['a file less', { a: leaf(10), b: dictionary({ c: leaf(16_384) }) }, 'differ at file 2'],
    ['a file more', { ...tree, z: leaf(0) }, 'differ at file 3'],
    ['a file without its mark', { ...tree, a: dictionary({ length: 10 }) }, 'has no folder at depth 2'],
    [
      'a file that is a folder',
      { ...tree, a: dictionary({ '': dictionary({ length: 10, 'pieces root': rootOf(1) }), x: leaf(1) }) },
      'malformed file at depth 1',
    ],
    ['a file without length', { ...tree, a: dictionary({ '': dictionary({}) }) }, 'info.file tree[0].length is missing'],
    ['a file without root', { ...tree, a: dictionary({ '': dictionary({ length: 10 }) }) }, 'info.file tree[0].pieces root is missing'],
    ['no tree', { length: 10 }, 'has no folder at depth 1'],
    ['no file', {}, 'has no folder at depth 0'],
  ])('whose tree has %s is refused', (_, contradiction, message) => {
    expect(() => decodeMetainfo(hybrid(files, contradiction, { pieces: hashes(2) }))).toThrow(
      expect.objectContaining({ code: 'TORRENT_INVALID', message: expect.stringContaining(message) }),
    )
  })

  it('whose files do not start at pieces is refused', () => {
    const moved = [file('a', 10), file('.pad/0', 16_373, { attr: 'p' }), file('b/c', 16_384), file('b/d', 0)]
    expect(() => decodeMetainfo(hybrid(moved, tree, { pieces: hashes(2) }))).toThrow('file 1 of a hybrid torrent does not start')
  })

  it('whose paddings move a file to another piece is refused', () => {
    const pad = (length: number) => file('.pad/0', length, { attr: 'p' })
    const moved = [file('a', 10), pad(16_374), pad(8_192), pad(8_192), file('b/c', 16_384), file('b/d', 0)]
    expect(() => decodeMetainfo(hybrid(moved, tree, { pieces: hashes(3) }))).toThrow(
      expect.objectContaining({
        code: 'TORRENT_INVALID',
        message: expect.stringContaining('file 1 of a hybrid torrent starts at byte 32768 in v1, and at byte 16384 in v2'),
      }),
    )
  })

  it('may have padding behind its last file', () => {
    const pad = (length: number) => file('.pad/0', length, { attr: 'p' })
    const list = [file('a', 16_384), file('b', 5)]
    const small = { a: leaf(16_384), b: leaf(5) }
    const { info, v2 } = decodeMetainfo(hybrid([...list, pad(16_379)], small, { pieces: hashes(2) }))
    expect(v2?.info).toMatchObject({ totalBytes: 16_389, pieceCount: 2 })
    expect(info.isAligned).toBe(true)
    expect(() => decodeMetainfo(hybrid([...list, pad(16_379), pad(1)], small, { pieces: hashes(3) }))).toThrow(
      expect.objectContaining({ code: 'TORRENT_INVALID', message: expect.stringContaining('behind its last file') }),
    )
  })

  it.each<[string, Fields, Fields, readonly (true | undefined)[] | string]>([
    ['its list alone', { attr: 'x' }, {}, [true, undefined]],
    ['its tree alone', {}, { attr: 'x' }, [true, undefined]],
    ['both', { attr: 'x' }, { attr: 'hx' }, [true, undefined]],
    ['neither', { attr: 'h' }, {}, [undefined, undefined]],
  ])('marks a file as executable in %s', (_, inList, inTree, expected) => {
    const { info } = decodeMetainfo(hybrid([file('a', 10, inList), file('b', 0)], { a: leaf(10, undefined, inTree), b: leaf(0) }))
    expect(info.files.map(({ isExecutable }) => isExecutable)).toEqual(expected)
  })

  it('whose halves mark different files as executable is refused', () => {
    const list = [file('a', 10, { attr: 'x' }), file('b', 0)]
    expect(() => decodeMetainfo(hybrid(list, { a: leaf(10), b: leaf(0, undefined, { attr: 'x' }) }))).toThrow(
      expect.objectContaining({ code: 'TORRENT_INVALID', message: expect.stringContaining('in whether "a" is executable') }),
    )
  })

  it.each<[string, Fields, string | undefined]>([
    ['the same place', { attr: 'l', 'symlink path': ['a'] }, undefined],
    ['another place', { attr: 'l', 'symlink path': ['b'] }, 'differ in where the link at file 1 points'],
    ['nowhere, being an empty file', {}, 'differ in where the link at file 1 points'],
  ])('whose link points in its tree to %s', (_, properties, message) => {
    const list = [file('a', 10), file('l', 0, { attr: 'l', 'symlink path': ['a'] })]
    const decode = () => decodeMetainfo(hybrid(list, { a: leaf(10), l: leaf(0, undefined, properties) }))
    if (message === undefined) expect(decode().info.symlinks).toEqual(decode().v2?.info.symlinks)
    else expect(decode).toThrow(message)
  })

  it('has both info-hashes over the same bytes', () => {
    const { infoBytes, infoHash, v2 } = decodeMetainfo(hybrid(files, tree, { pieces: hashes(2) }))
    const digest = (algorithm: string) => new Uint8Array(createHash(algorithm).update(infoBytes).digest())
    expect([infoHash, v2?.infoHash]).toEqual([digest('sha1'), digest('sha256')])
  })

  it('needs a piece length that v2 can have', () => {
    expect(() => decodeMetainfo(hybrid([file('a', 10)], { a: leaf(10) }, { 'piece length': 49_152 }))).toThrow('not a power of two')
  })

  it.each<[string, Fields, string]>([
    ['pieces', { pieces: undefined }, 'info.pieces is missing'],
    ['a file list', { files: undefined }, 'info.length is missing'],
    ['a file tree', { 'file tree': undefined }, 'info.file tree is missing'],
    ['pieces and a version', { pieces: undefined, 'meta version': undefined }, 'info.meta version is not 2'],
  ])('without %s is refused', (_, changes, message) => {
    expect(() => decodeMetainfo(hybrid(files, tree, { pieces: hashes(2), ...changes }))).toThrow(
      expect.objectContaining({ code: 'TORRENT_INVALID', message: expect.stringContaining(message) }),
    )
  })

  it('without its version is a v1 torrent', () => {
    expect(decodeMetainfo(hybrid(files, { a: 5 }, { pieces: hashes(2), 'meta version': undefined })).v2).toBeUndefined()
  })
})
