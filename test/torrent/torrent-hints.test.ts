import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeInfo } from '../../src/torrent/encode-info.ts'
import { encodeMetainfo } from '../../src/torrent/encode-metainfo.ts'
import { decodeInfoDictionary } from '../../src/torrent/info-dictionary.ts'
import { decodeMetainfo } from '../../src/torrent/metainfo.ts'
import { sampleTorrent } from '../store/sample-torrent.ts'
import { type Fields, singleInfo, torrent } from './build-torrent.ts'

const { info } = sampleTorrent([['a', 10]])
const hash = (letter: string): Buffer => Buffer.from(letter.repeat(20))
const hintsIn = (inside: Fields, outside: Fields = {}) => decodeMetainfo(torrent(singleInfo(inside), outside))

describe('hints at similar torrents (BEP 38)', () => {
  it('are read as they were written, each once and in one order', () => {
    const similar = fc.array(fc.uint8Array({ minLength: 20, maxLength: 20 }), { maxLength: 100 })
    const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 50 }).filter((text) => Buffer.byteLength(text) <= 255)
    fc.assert(
      fc.property(similar, fc.array(name, { maxLength: 100 }), fc.nat(100), (hashes, collections, turn) => {
        const turned = { similar: [...hashes.slice(turn), ...hashes.slice(0, turn)], collections: collections.toReversed() }
        const infoBytes = encodeInfo({ ...info, hints: { similar: hashes, collections } })
        expect(encodeInfo({ ...info, hints: turned })).toEqual(infoBytes)
        const { hints } = decodeInfoDictionary(infoBytes)
        const isEmpty = hashes.length + collections.length === 0
        expect(hints === undefined).toBe(isEmpty)
        expect(new Set(hints?.similar.map((each) => Buffer.from(each).toString('hex')))).toEqual(
          new Set(hashes.map((each) => Buffer.from(each).toString('hex'))),
        )
        expect(new Set(hints?.collections)).toEqual(new Set(collections))
        expect(hints?.ignored ?? 0).toBe(0)
        expect(decodeMetainfo(encodeMetainfo({ infoBytes })).hints).toEqual(hints)
      }),
    )
  })

  it('change the info-hash, and nothing where there are none', () => {
    const plain = encodeInfo(info)
    expect(encodeInfo({ ...info, hints: { similar: [], collections: [] } })).toEqual(plain)
    const hinted = decodeInfoDictionary(encodeInfo({ ...info, hints: { similar: [], collections: ['x'] } }))
    expect(hinted.infoHash).not.toEqual(decodeInfoDictionary(plain).infoHash)
    expect(hinted.info).toEqual(decodeInfoDictionary(plain).info)
  })

  it('are merged from inside and around the info dictionary, where each counts once', () => {
    const { hints, warnings } = hintsIn(
      { similar: [hash('a')], collections: ['x', 'y'] },
      { similar: [hash('b'), hash('a')], collections: ['y', 'z'] },
    )
    expect(hints?.similar.map((each) => Buffer.from(each).toString())).toEqual(['a'.repeat(20), 'b'.repeat(20)])
    expect(hints?.collections).toEqual(['x', 'y', 'z'])
    expect(warnings).toBeUndefined()
  })

  it('are known by what libtorrent writes on either side', () => {
    expect(hintsIn({}, { collections: ['bar', 'foo'] }).hints?.collections).toEqual(['bar', 'foo'])
    expect(hintsIn({ collections: ['bar', 'foo'] }).hints?.collections).toEqual(['bar', 'foo'])
    expect(hintsIn({ similar: [hash('a')] }).hints?.similar).toHaveLength(1)
  })

  it('may name a torrent of v2 by the whole of its info-hash', () => {
    expect(hintsIn({ similar: [Buffer.from('a'.repeat(20) + 'b'.repeat(12))] }).hints?.similar).toEqual([Uint8Array.from(hash('a'))])
  })

  it.each<[string, Fields, number]>([
    ['that are no list', { similar: 5, collections: 'x' }, 2],
    ['of another length', { similar: [hash('a').subarray(1), hash('b')] }, 1],
    ['that are no strings', { similar: [1, [], hash('b')], collections: [[]] }, 3],
    ['that are not UTF-8', { similar: [hash('b')], collections: [Buffer.from([0xff])] }, 1],
    ['that are empty or too long', { similar: [hash('b')], collections: ['', 'x'.repeat(256), 'x'.repeat(255)] }, 2],
    ['beyond a hundred', { similar: Array.from({ length: 101 }, (_, index) => Buffer.alloc(20, index)) }, 1],
  ])('%s are left out with a warning, inside and outside', (_what, fields, ignored) => {
    for (const { hints, warnings } of [hintsIn(fields), hintsIn({}, fields)]) {
      expect(hints?.ignored).toBe(ignored)
      expect(warnings).toEqual([expect.stringMatching(new RegExp(`^${ignored} hints? of the torrent at`))])
      expect(hints?.similar.length).toBeLessThanOrEqual(100)
    }
  })

  it('are a hundred at most from both sides together', () => {
    const names = (from: number): string[] => Array.from({ length: 60 }, (_, index) => `${from + index}`)
    const { hints } = hintsIn({ collections: names(0) }, { collections: names(50) })
    expect([hints?.collections.length, hints?.ignored]).toEqual([100, 10])
  })
})
