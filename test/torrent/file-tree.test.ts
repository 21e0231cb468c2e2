import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Bencodable } from '../../src/torrent/bencode.ts'
import { decodeMetainfo } from '../../src/torrent/metainfo.ts'
import { dictionary, type Fields, torrent } from './build-torrent.ts'
import { buildTorrent, type ContentFile, leaf, rootOf } from './build-v2.ts'

const v2 = (tree: Bencodable, changes: Fields = {}): Uint8Array =>
  torrent(dictionary({ 'file tree': tree, 'meta version': 2, name: 'release', 'piece length': 16_384, ...changes }))

const contents = (): fc.Arbitrary<readonly ContentFile[]> => {
  const name = fc.stringMatching(/^[a-zé-]{1,3}$/)
  const file = fc.record({
    path: fc.array(name, { minLength: 1, maxLength: 3 }),
    content: fc
      .tuple(fc.oneof(fc.constant(0), fc.nat(100), fc.nat(70_000)), fc.nat(255))
      .map(([length, seed]) => Uint8Array.from({ length }, (_, index) => (index * 7 + (index >> 8) + seed) % 256)),
  })
  return fc.uniqueArray(file, { minLength: 1, maxLength: 6, selector: ({ path }) => path[0] })
}

describe('a torrent of v2 only', () => {
  it('is read back as it was made, in v2 and in both halves of a hybrid', () => {
    fc.assert(
      fc.property(contents(), fc.constantFrom(16_384, 32_768, 65_536), (files, pieceLength) => {
        fc.pre(files.some(({ content }) => content.length > 0))
        const made = buildTorrent(files, pieceLength, 'v2')
        const { info, infoHash, v2: read, warnings } = decodeMetainfo(made.bytes)
        expect(info).toMatchObject({ pieceHashes: undefined, isAligned: true, name: 'release', totalBytes: read?.info.totalBytes })
        expect(info.files).toEqual(read?.info.files.map(({ piecesRoot: _, ...file }) => ({ ...file, kind: 'file' })))
        expect(infoHash).toEqual(read?.infoHash.slice(0, 20))
        expect(warnings).toBeUndefined()
        expect(read?.info.files.map(({ piecesRoot }) => piecesRoot)).toEqual(made.roots)
        const bySize = (list: readonly (readonly [string, number])[]) => [...list].sort(([left], [right]) => (left < right ? -1 : 1))
        expect(bySize((read?.info.files ?? []).map(({ path, lengthBytes }) => [path.join('/'), lengthBytes]))).toEqual(
          bySize(files.map(({ path, content }) => [path.join('/'), content.length])),
        )
        expect(read?.info.pieceCount).toBe(files.reduce((sum, { content }) => sum + Math.ceil(content.length / pieceLength), 0))
        const hybrid = decodeMetainfo(buildTorrent(files, pieceLength, 'hybrid').bytes)
        const v1Places = hybrid.info.files.flatMap(({ kind, lengthBytes, offsetBytes }) =>
          kind === 'file' && lengthBytes > 0 ? [offsetBytes] : [],
        )
        const v2Places = hybrid.v2?.info.files.flatMap(({ lengthBytes, offsetBytes }) => (lengthBytes > 0 ? [offsetBytes] : []))
        expect(v1Places).toEqual(v2Places)
        expect(hybrid.v2?.info.files).toEqual(read?.info.files)
      }),
      { numRuns: 60 },
    )
  })

  it('is one file when its tree holds one that is called as the torrent is', () => {
    const single = decodeMetainfo(v2(dictionary({ 'app.bin': leaf(5) }), { name: 'app.bin' }))
    expect(single.info.isSingleFile).toBe(true)
    expect(single.v2?.info).toMatchObject({
      isSingleFile: true,
      totalBytes: 5,
      pieceCount: 1,
      files: [{ path: ['app.bin'], piecesRoot: rootOf(5) }],
    })
    const folders = [
      v2(dictionary({ 'app.bin': leaf(5) })),
      v2(dictionary({ release: dictionary({ release: leaf(5) }) })),
      v2(dictionary({ release: leaf(5), b: leaf(0) })),
      v2(dictionary({ release: leaf(5) }), { distro: dictionary({ dirs: [['logs']] }) }),
    ]
    for (const folder of folders) {
      const { info, v2: read } = decodeMetainfo(folder)
      expect([info.isSingleFile, read?.info.isSingleFile]).toEqual([false, false])
    }
  })

  it('keeps links apart from its files', () => {
    const tree = dictionary({ a: leaf(5), l: dictionary({ '': dictionary({ attr: 'l', 'symlink path': ['a'] }) }) })
    const { info, v2: read } = decodeMetainfo(v2(tree))
    const expected = { files: [{ path: ['a'] }], symlinks: [{ path: ['l'], target: ['a'] }] }
    expect([info, read?.info]).toMatchObject([expected, expected])
  })

  it('keeps exec bits and empty folders', () => {
    const tree = dictionary({ a: leaf(5, undefined, { attr: 'x' }), b: leaf(5) })
    const { info } = decodeMetainfo(v2(tree, { distro: dictionary({ dirs: [['logs', 'old'], ['run']] }) }))
    expect(info.files.map(({ isExecutable }) => isExecutable)).toEqual([true, undefined])
    expect(info.emptyDirectories).toEqual([['logs', 'old'], ['run']])
  })

  it.each([
    ['where a file is', [['a']], 'collides'],
    ['that climbs', [['..']], 'info.distro.dirs[0][0] is ".."'],
  ])('with an empty folder %s is refused', (_, dirs, message) => {
    expect(() => decodeMetainfo(v2(dictionary({ a: leaf(5), b: leaf(5) }), { distro: dictionary({ dirs }) }))).toThrow(
      expect.objectContaining({ code: 'PATH_REFUSED', message: expect.stringContaining(message) }),
    )
  })

  it.each<[string, Bencodable, string, string?]>([
    ['a name that climbs', dictionary({ '..': leaf(5) }), 'info.file tree[0][0] is ".."', 'PATH_REFUSED'],
    ['two names that some systems take for one', dictionary({ A: leaf(5), a: leaf(6) }), 'collides', 'PATH_REFUSED'],
    ['a name that is not UTF-8', dictionary({ '\xff': leaf(5) }), 'is not UTF-8: "ÿ"', 'PATH_REFUSED'],
    ['a root of 20 bytes', dictionary({ a: leaf(5, new Uint8Array(20)) }), 'info.file tree[0].pieces root has 20 bytes, not 32'],
    ['a root that is a number', dictionary({ a: leaf(5, 7) }), 'info.file tree[0].pieces root is an integer, not a string'],
    ['a negative length', dictionary({ a: leaf(-1) }), 'info.file tree[0].length is -1, less than 0'],
    ['a link without target', dictionary({ a: leaf(0, '', { attr: 'l' }) }), 'info.file tree[0].symlink path is missing'],
    ['an empty folder', dictionary({ a: dictionary({}) }), 'has no folder at depth 1'],
    ['no names', dictionary({}), 'has no folder at depth 0'],
    ['a list', ['a'], 'has no folder at depth 0'],
    ['properties that are no dictionary', dictionary({ a: dictionary({ '': 5 }) }), 'malformed file at depth 1'],
    ['a file in place of the root', leaf(5), 'malformed file at depth 0'],
    ['400,001 pieces', dictionary({ a: leaf(400_001 * 16_384) }), 'make 400001 pieces', 'LIMIT_EXCEEDED'],
  ])('with %s is refused', (_, tree, message, code = 'TORRENT_INVALID') => {
    expect(() => decodeMetainfo(v2(tree))).toThrow(expect.objectContaining({ code, message: expect.stringContaining(message) }))
  })

  it('is refused when it has too many files, or too many names in their paths', () => {
    const many = (count: number) => new Map(Array.from({ length: count }, (_, index) => [`${index}`, leaf(0)] as const))
    expect(decodeMetainfo(v2(many(200_000))).v2?.info.files).toHaveLength(200_000)
    expect(() => decodeMetainfo(v2(many(200_001)))).toThrow(
      expect.objectContaining({ code: 'LIMIT_EXCEEDED', message: expect.stringContaining('more than 200000 files') }),
    )
    const deep = Array.from({ length: 90 }).reduce<Bencodable>((below) => dictionary({ a: below }), many(50_000))
    expect(() => decodeMetainfo(v2(deep))).toThrow(
      expect.objectContaining({ code: 'LIMIT_EXCEEDED', message: expect.stringContaining('more than 4000000 names') }),
    )
  })
})
