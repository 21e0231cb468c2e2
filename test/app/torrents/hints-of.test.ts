import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { hintsOf } from '../../../src/app/torrents/hints-of.ts'
import { fromHex, toHex } from '../../../src/base/bytes.ts'
import { encodeInfo } from '../../../src/torrent/encode-info.ts'
import { encodeMetainfo } from '../../../src/torrent/encode-metainfo.ts'
import { decodeMetainfo } from '../../../src/torrent/metainfo.ts'
import { sampleTorrent } from '../../store/sample-torrent.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const v1 = '0123456789abcdef0123456789abcdef01234567'
const v2 = 'ab'.repeat(32)

describe('the torrents that a new one calls similar', () => {
  it.each([
    ['an info-hash', v1, v1],
    ['an info-hash of v2', v2, v2.slice(0, 40)],
    ['a magnet', `magnet:?xt=urn:btih:${v1}&dn=app`, v1],
    ['a magnet of v2', `magnet:?xt=urn:btmh:1220${v2}`, v2.slice(0, 40)],
    ['a magnet of a hybrid', `magnet:?xt=urn:btmh:1220${v2}&xt=urn:btih:${v1}`, v1],
  ])('are named by %s', async (_what, id, expected) => {
    expect(await hintsOf({ similar: [id], collections: [] })).toEqual({ similar: [fromHex(expected)], collections: [] })
  })

  it('are named by .torrent files', async () => {
    const path = join(await temporaryFolder(), 'a.torrent')
    const bytes = encodeMetainfo({ infoBytes: encodeInfo(sampleTorrent([['a', 5]]).info) })
    await writeFile(path, bytes)
    const hints = await hintsOf({ similar: [path] })
    expect(hints?.similar.map(toHex)).toEqual([toHex(decodeMetainfo(bytes).infoHash)])
  })

  it('are none where nothing is said', async () => {
    expect(await hintsOf({ similar: [], collections: [] })).toBeUndefined()
    expect(await hintsOf({})).toBeUndefined()
  })

  it.each([
    ['a URL', { similar: ['https://a.example/x.torrent'] }, 'USAGE'],
    ['a file that is not there', { similar: ['/nowhere/a.torrent'] }, 'INPUT_MISSING'],
    ['more than are read', { similar: Array.from({ length: 101 }, () => v1) }, 'USAGE'],
    ['more collections than are read', { collections: Array.from({ length: 101 }, (_, index) => `${index}`) }, 'USAGE'],
    ['a collection without a name', { collections: [''] }, 'USAGE'],
    ['a collection with too long a name', { collections: ['é'.repeat(128)] }, 'USAGE'],
  ])('are refused with %s', async (_what, request, code) => {
    await expect(hintsOf(request)).rejects.toMatchObject({ code })
  })
})
