import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { addWebSeeds } from '../../src/torrent/add-web-seeds.ts'
import { type Bencodable, encodeBencode } from '../../src/torrent/bencode.ts'
import { encodeInfo } from '../../src/torrent/encode-info.ts'
import { encodeMetainfo } from '../../src/torrent/encode-metainfo.ts'
import { decodeMetainfo } from '../../src/torrent/metainfo.ts'

const infoBytes = encodeInfo({
  name: 'a',
  pieceLengthBytes: 16_384,
  pieceHashes: new Uint8Array(20),
  files: [{ path: ['a'], lengthBytes: 1, offsetBytes: 0, kind: 'file' }],
  isSingleFile: true,
  isPrivate: false,
})
const url = 'http://192.0.2.7:8080/'

describe('web seeds that are added to a .torrent', () => {
  test('are read back, after those that it names already, each once, under the same info-hash', () => {
    const webSeeds = ['http://mirror.example/a', url]
    const torrent = encodeMetainfo({ infoBytes, trackers: [['http://tracker.example/announce']], webSeeds, comment: 'x' })
    const added = decodeMetainfo(addWebSeeds(torrent, [url, 'http://[2001:db8::7]:8080/']))
    expect(added.webSeeds).toEqual([...webSeeds, 'http://[2001:db8::7]:8080/'])
    expect(added).toMatchObject({
      infoHash: decodeMetainfo(torrent).infoHash,
      comment: 'x',
      trackers: [['http://tracker.example/announce']],
    })
  })

  test('stand beside the one of a torrent that names it without a list', () => {
    const torrent = encodeBencode(
      new Map<string, Bencodable>([
        ['info', new Map([['x', 1]])],
        ['url-list', 'http://mirror.example/'],
      ]),
    )
    expect(Buffer.from(addWebSeeds(torrent, [url])).toString()).toContain(`8:url-listl22:http://mirror.example/${url.length}:${url}e`)
  })

  test('change nothing else, fields of other programs included', () => {
    const key = fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 12 }).filter((name) => name !== 'url-list' && name !== 'info')
    const value = fc.oneof(fc.string(), fc.integer(), fc.array(fc.integer()))
    fc.assert(
      fc.property(fc.dictionary(key, value, { noNullPrototype: true }), fc.array(fc.webUrl(), { minLength: 1 }), (others, urls) => {
        const fields = new Map<string, Bencodable>([...Object.entries(others), ['info', new Map([['x', 1]])]])
        const expected = encodeBencode(new Map<string, Bencodable>([...fields, ['url-list', [...new Set(urls)]]]))
        expect(addWebSeeds(encodeBencode(fields), urls)).toEqual(expected)
      }),
    )
  })

  test('are not there when there are none to add', () => {
    const torrent = encodeMetainfo({ infoBytes })
    expect(addWebSeeds(torrent, [])).toBe(torrent)
  })
})
