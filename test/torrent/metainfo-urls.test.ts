import { describe, expect, it } from 'vitest'
import { decodeMetainfo } from '../../src/torrent/metainfo.ts'
import { dictionary, type Fields, singleInfo, torrent } from './build-torrent.ts'

const single = (more: Fields): Uint8Array => torrent(singleInfo(), more)

describe('what surrounds the info dictionary', () => {
  it('is read', () => {
    const metainfo = decodeMetainfo(
      single({
        announce: 'http://only.without.list/announce',
        'announce-list': [['http://a.example/announce', ' udp://b.example:1337 '], ['https://c.example/x?y=z']],
        'url-list': ['http://seed.example/some folder/', 'https://seed.example/b'],
        nodes: [
          ['router.example', 6881],
          ['10.0.0.1', 1],
          ['2001:db8::1', 65_535],
        ],
        comment: 'Grüße',
        'created by': 'somebody/1.0',
        'creation date': 1_700_000_000,
      }),
    )
    expect(metainfo).toMatchObject({
      trackers: [['http://a.example/announce', 'udp://b.example:1337'], ['https://c.example/x?y=z']],
      webSeeds: ['http://seed.example/some%20folder/', 'https://seed.example/b'],
      nodes: [
        { host: 'router.example', port: 6881 },
        { host: '10.0.0.1', port: 1 },
        { host: '2001:db8::1', port: 65_535 },
      ],
      comment: 'Grüße',
      createdBy: 'somebody/1.0',
      creationDate: 1_700_000_000,
    })
    expect(metainfo.warnings).toBeUndefined()
  })

  it.each<[string, Fields, Fields]>([
    ['a single tracker', { announce: 'udp://a.example:1' }, { trackers: [['udp://a.example:1']] }],
    ['a tracker beside an empty list', { announce: 'udp://a.example:1', 'announce-list': [] }, { trackers: [['udp://a.example:1']] }],
    [
      'a list without tiers',
      { 'announce-list': ['udp://a.example:1', 'udp://b.example:1'] },
      { trackers: [['udp://a.example:1'], ['udp://b.example:1']] },
    ],
    [
      'a tracker named twice',
      { 'announce-list': [['udp://a.example:1', 'udp://a.example:1'], ['udp://a.example:1']] },
      { trackers: [['udp://a.example:1']] },
    ],
    ['one web seed as a string', { 'url-list': 'http://a.example/' }, { webSeeds: ['http://a.example/'] }],
    ['a web seed named twice', { 'url-list': ['http://a.example', 'http://a.example/'] }, { webSeeds: ['http://a.example/'] }],
    ['an empty web seed', { 'url-list': '' }, { webSeeds: [] }],
    ['an absurd creation date', { 'creation date': Number.MAX_SAFE_INTEGER }, { creationDate: undefined as never }],
    ['a negative creation date', { 'creation date': -1 }, { creationDate: undefined as never }],
    ['a comment that is not text', { comment: Uint8Array.of(0xff) }, { comment: undefined as never }],
    ['a comment that is an integer', { comment: 5 }, { comment: undefined as never }],
  ])('takes %s without a word', (_, more, expected) => {
    const metainfo = decodeMetainfo(single(more))
    expect(metainfo).toMatchObject(expected)
    expect(metainfo.warnings).toBeUndefined()
  })

  it('cuts a huge comment', () => {
    expect(decodeMetainfo(single({ comment: '\x1b[2J'.repeat(2_000_000) })).comment).toHaveLength(4_096)
  })

  it.each<[string, Fields, string]>([
    ['announce of the wrong kind', { announce: 7 }, '1 tracker '],
    ['announce-list of the wrong kind', { 'announce-list': 'x' }, '1 tracker '],
    [
      'trackers of foreign schemes',
      { 'announce-list': [['javascript:x', 'file:///etc/passwd', 'wss://a.example', '://', 'http://', 'udp://a.example:0']] },
      '6 trackers ',
    ],
    ['tiers of the wrong kind', { 'announce-list': [[1, [], dictionary({})], 5] }, '4 trackers '],
    ['too many trackers', { 'announce-list': [Array.from({ length: 101 }, (_, index) => `udp://${index}.example:1`)] }, '1 tracker '],
    ['a URL of 3,000 characters', { announce: `http://a.example/${'x'.repeat(3_000)}` }, '1 tracker '],
    ['a URL with a direction mark', { announce: 'http://a.example/\u202e' }, '1 tracker '],
    ['web seeds of the wrong kind', { 'url-list': [1, ['x'], 'file:///etc', 'ftp://a.example/'] }, '4 web seeds '],
    ['a web seed of the wrong kind', { 'url-list': 3 }, '1 web seed '],
    ['too many web seeds', { 'url-list': Array.from({ length: 150 }, (_, index) => `http://a.example/${index}`) }, '50 web seeds '],
    ['nodes of the wrong kind', { nodes: 'x' }, '1 DHT node '],
    [
      'malformed nodes',
      { nodes: [['a', 0], ['a', 65_536], ['', 1], ['a b', 1], ['a', 'x'], [], 'a', ['x'.repeat(254), 1]] },
      '8 DHT nodes ',
    ],
  ])('leaves out %s with one warning', (_, more, warning) => {
    const metainfo = decodeMetainfo(single(more))
    expect(metainfo.warnings).toEqual([expect.stringContaining(warning)])
    expect(metainfo.trackers.flat().length + metainfo.webSeeds.length + metainfo.nodes.length).toBeLessThanOrEqual(100)
  })

  it('takes 40,000 trackers for what they are, and does not read 200,000', () => {
    const urls = Array.from({ length: 200_000 }, (_, index) => `udp://${index}.example:1`)
    const many = decodeMetainfo(single({ 'announce-list': [urls.slice(0, 40_000)] }))
    expect(many.trackers).toHaveLength(1)
    expect(many.warnings).toEqual([expect.stringContaining('39900 trackers')])
    const tooMany = decodeMetainfo(single({ 'announce-list': [urls], announce: 'udp://x.example:1' }))
    expect(tooMany.trackers).toEqual([['udp://x.example:1']])
    expect(tooMany.warnings).toEqual(['The announce-list of the torrent is ignored: it holds more than 50000 values.'])
  })
})
