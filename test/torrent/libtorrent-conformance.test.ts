import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { DistroError } from '../../src/base/errors.ts'
import { decodeMetainfo } from '../../src/torrent/metainfo.ts'
import { type LibtorrentCase, mustFail, mustLoad } from './libtorrent-cases.ts'

/** The folder test/test_torrents of a libtorrent checkout: the same verdicts are then checked on the original files. */
const originals = process.env.LIBTORRENT_TORRENTS

function verdictOn(bytes: Uint8Array): DistroError | undefined {
  try {
    decodeMetainfo(bytes)
    return undefined
  } catch (error) {
    if (error instanceof DistroError) return error
    throw error
  }
}

function check(torrent: LibtorrentCase, bytes: Uint8Array): void {
  const error = verdictOn(bytes)
  if (torrent.refusal === undefined) expect(error).toBeUndefined()
  else expect(error).toMatchObject({ code: torrent.refusal.code, message: expect.stringContaining(torrent.refusal.says) })
}

const all = [...mustFail, ...mustLoad]

describe("a torrent with the trait of libtorrent's", () => {
  it.each(mustFail.map((torrent) => [torrent.name, torrent] as const))('%s is refused with its reason', (_, torrent) => {
    check(torrent, torrent.build())
  })

  it.each(mustLoad.map((torrent) => [torrent.name, torrent] as const))('%s loads, or is refused for a stated reason', (_, torrent) => {
    check(torrent, torrent.build())
  })
})

describe("the table of libtorrent's torrents", () => {
  it('names each torrent once, and refuses all that libtorrent refuses', () => {
    expect(new Set(all.map((torrent) => torrent.name)).size).toBe(all.length)
    expect(mustFail).toHaveLength(42)
    expect(mustFail.filter((torrent) => torrent.refusal === undefined)).toEqual([])
  })

  it('is the one that docs/conformance.md shows', () => {
    const lines = readFileSync(join(import.meta.dirname, '../../docs/conformance.md'), 'utf8').split('\n')
    const shown = lines.filter((line) => /^\| `[\w-]+\.torrent`/.test(line))
    expect(shown).toEqual(
      all.map(
        (torrent) =>
          `| \`${torrent.name}.torrent\` | ${torrent.libtorrent} | ${torrent.refusal?.code ?? 'loads'} | ${torrent.refusal?.says ?? ''} |`,
      ),
    )
  })
})

if (originals !== undefined) {
  describe('the original file', () => {
    it.each(all.map((torrent) => [torrent.name, torrent] as const))('%s.torrent gets the same verdict', (_, torrent) => {
      check(torrent, readFileSync(join(originals, `${torrent.name}.torrent`)))
    })

    it.each(['sample', 'v2_empty_file', 'v2_hybrid-missing-tailpad'])('%s.torrent, which other tests of libtorrent use, loads', (name) => {
      expect(decodeMetainfo(readFileSync(join(originals, `${name}.torrent`))).info.name).not.toBe('')
    })

    it('v2_invalid_root_hash.torrent, which another test of libtorrent uses, is refused', () => {
      const bytes = readFileSync(join(originals, 'v2_invalid_root_hash.torrent'))
      expect(() => decodeMetainfo(bytes)).toThrow('does not lead to its root')
    })
  })
}
