import { describe, expect, it } from 'vitest'
import { decodeMetainfo } from '../../src/torrent/metainfo.ts'
import { dictionary, type Fields, file, folderInfo, hashes, singleInfo, torrent } from './build-torrent.ts'

describe('a hybrid torrent', () => {
  const leaf = (length: number, more: Fields = {}) => dictionary({ '': dictionary({ length, ...more }) })
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
    ['a file that is a folder', { ...tree, a: dictionary({ '': dictionary({ length: 10 }), x: leaf(1) }) }, 'malformed file at depth 1'],
    ['a file without length', { ...tree, a: dictionary({ '': dictionary({}) }) }, 'malformed file at depth 1'],
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
})
