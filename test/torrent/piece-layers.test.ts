import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeMetainfo } from '../../src/torrent/metainfo.ts'
import { dictionary, type Fields, torrent } from './build-torrent.ts'
import { buildTorrent, keyOf, leaf } from './build-v2.ts'
import { NaiveMerkleTree } from './naive-merkle.ts'

const content = Uint8Array.from({ length: 50_000 }, (_, index) => index >> 8)
const tree = new NaiveMerkleTree(content)
const key = keyOf(tree.root)
const around = (layers: Fields | undefined, files: Fields = { a: leaf(50_000, tree.root) }): Uint8Array =>
  torrent(dictionary({ 'file tree': dictionary(files), 'meta version': 2, name: 'release', 'piece length': 16_384 }), {
    'piece layers': layers === undefined ? undefined : dictionary(layers),
  })

describe('the piece layers of a torrent', () => {
  it('lead to the roots of its files', () => {
    expect(decodeMetainfo(around({ [key]: tree.layer(0) })).warnings).toBeUndefined()
  })

  it('are refused when any bit of them is another', () => {
    const layer = tree.layer(0)
    fc.assert(
      fc.property(fc.nat(layer.length - 1), fc.nat(7), (place, bit) => {
        const changed = Uint8Array.from(layer)
        changed[place] = (changed[place] ?? 0) ^ (1 << bit)
        expect(() => decodeMetainfo(around({ [key]: changed }))).toThrow('does not lead to its root')
      }),
      { numRuns: 30 },
    )
  })

  it.each<[string, Fields, string]>([
    ['of the level below', { [key]: Buffer.concat([tree.layer(0), tree.layer(0)]) }, 'has 256 bytes, where its file takes 128'],
    ['with a zero hash behind the end', { [key]: Buffer.concat([tree.layer(0), new Uint8Array(32)]) }, 'has 160 bytes'],
    ['that are empty', { [key]: '' }, 'has 0 bytes'],
    ['that are a list', { [key]: [] }, 'is a list, not a string'],
    ['of another file too', { [key]: tree.layer(0), [key.replace(/.$/s, '!')]: tree.layer(0) }, 'belongs to no file'],
  ])('are refused %s', (_, layers, message) => {
    expect(() => decodeMetainfo(around(layers))).toThrow(
      expect.objectContaining({ code: 'TORRENT_INVALID', message: expect.stringContaining(message) }),
    )
  })

  it('are refused where they are no dictionary', () => {
    const bytes = torrent(
      dictionary({ 'file tree': dictionary({ a: leaf(5) }), 'meta version': 2, name: 'release', 'piece length': 16_384 }),
      { 'piece layers': [] },
    )
    expect(() => decodeMetainfo(bytes)).toThrow('piece layers is a list, not a dictionary')
  })

  it('are refused for a file of one piece', () => {
    const small = new NaiveMerkleTree(content.subarray(0, 16_384))
    const files = { a: leaf(16_384, small.root) }
    expect(() => decodeMetainfo(around({ [keyOf(small.root)]: small.layer(0) }, files))).toThrow(
      'belongs to no file of more than one piece',
    )
  })

  it('stand once for files with the same content', () => {
    const files = { a: leaf(50_000, tree.root), b: leaf(50_000, tree.root) }
    expect(decodeMetainfo(around({ [key]: tree.layer(0) }, files)).warnings).toBeUndefined()
  })

  it('cannot stand for two lengths', () => {
    const files = { a: leaf(50_000, tree.root), b: leaf(49_999, tree.root) }
    expect(() => decodeMetainfo(around({ [key]: tree.layer(0) }, files))).toThrow('gives "b" the root of another file, and another length')
  })

  it('may be missing, which is told of a torrent that needs them', () => {
    const other = new NaiveMerkleTree(content.subarray(1))
    const files = { a: leaf(50_000, tree.root), b: leaf(49_999, other.root), c: leaf(5) }
    expect(decodeMetainfo(around({ [key]: tree.layer(0) }, files)).warnings).toEqual([
      'A file of the torrent has no piece layer: without hashes from peers it can only be checked as a whole.',
    ])
    expect(decodeMetainfo(around(undefined, files)).warnings).toEqual([
      '2 files of the torrent have no piece layer: without hashes from peers they can only be checked as a whole.',
    ])
    const { info } = buildTorrent([{ path: ['a'], content }], 16_384, 'hybrid')
    const hybrid = decodeMetainfo(Buffer.concat([Buffer.from('d4:info'), info, Buffer.from('e')]))
    expect(hybrid.warnings).toBeUndefined()
  })
})
