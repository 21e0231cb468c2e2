import { describe, expect, it } from 'vitest'
import { utf8Bytes } from '../../src/base/bytes.ts'
import { encodeBencode } from '../../src/torrent/bencode.ts'
import { decodeInfoDictionary } from '../../src/torrent/info-dictionary.ts'
import { decodeMetainfo } from '../../src/torrent/metainfo.ts'
import { hashes, singleInfo, torrent, unsorted } from './build-torrent.ts'

const single = (): Uint8Array => torrent(singleInfo())

describe('decodeInfoDictionary', () => {
  it('reads the bytes that peers send', () => {
    const infoBytes = encodeBencode(singleInfo())
    const read = decodeInfoDictionary(infoBytes)
    expect(read.infoBytes).toBe(infoBytes)
    expect(read.infoHash).toEqual(decodeMetainfo(single()).infoHash)
    expect(read.info).toEqual(decodeMetainfo(single()).info)
  })

  it.each<[string, Uint8Array, string]>([
    [
      'unsorted keys',
      unsorted([
        ['name', 'x'],
        ['length', 5],
        ['piece length', 16_384],
        ['pieces', hashes(1)],
      ]),
      'not canonical (a key out of order at byte 10)',
    ],
    ['a whole torrent', single(), 'info.name is missing'],
    ['garbage', utf8Bytes('garbage'), 'in its info dictionary, no value starts with'],
    ['bytes behind the end', Buffer.concat([encodeBencode(singleInfo()), utf8Bytes('\n')]), '1 bytes follow the value'],
    ['a list', utf8Bytes('le'), 'info is a list, not a dictionary'],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => decodeInfoDictionary(bytes)).toThrow(
      expect.objectContaining({ code: 'TORRENT_INVALID', message: expect.stringContaining(message) }),
    )
  })
})
