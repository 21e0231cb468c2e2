import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeInfo } from '../../src/torrent/encode-info.ts'
import { encodeMetainfo } from '../../src/torrent/encode-metainfo.ts'
import { decodeMetainfo } from '../../src/torrent/metainfo.ts'
import { sampleTorrent } from '../store/sample-torrent.ts'
import { dictionary, file, folderInfo, singleInfo, torrent } from './build-torrent.ts'

const withDirs = (dirs: readonly unknown[]) =>
  torrent(folderInfo([file('a/b', 5)], { distro: dictionary({ dirs: dirs as readonly (readonly string[])[] }) }))

describe('empty folders in an info dictionary', () => {
  it('are read back as they were written, links too', () => {
    const names = fc.uniqueArray(fc.stringMatching(/^f[a-z0-9]{1,6}$/), { minLength: 3, maxLength: 12 })
    fc.assert(
      fc.property(names, fc.nat(), fc.nat(), (all, one, other) => {
        const [first, second] = [1 + (one % (all.length - 1)), 1 + (other % (all.length - 1))].sort((left, right) => left - right)
        const { info } = sampleTorrent(all.slice(0, first).map((name) => [name, 10] as const))
        const symlinks = all.slice(first, second).map((name) => ({ path: [name], target: ['x', 'y'] }))
        const emptyDirectories = all.slice(second).map((name) => [name, 'deep'])
        const read = decodeMetainfo(encodeMetainfo({ infoBytes: encodeInfo({ ...info, symlinks, emptyDirectories }) })).info
        expect(read.files).toEqual(info.files)
        expect(new Set(read.symlinks ?? [])).toEqual(new Set(symlinks))
        expect(read.emptyDirectories ?? []).toEqual(emptyDirectories)
      }),
    )
  })

  it.each([
    ['one that climbs', [['..', 'x']], 'PATH_REFUSED', 'info.distro.dirs[0][0] is ".."'],
    ['an absolute one', [['', 'x']], 'PATH_REFUSED', 'info.distro.dirs[0][0] is ""'],
    ['one with a slash', [['x/y']], 'PATH_REFUSED', 'a name cannot hold a path separator'],
    ['one that is not UTF-8', [[Buffer.from([0xff])]], 'PATH_REFUSED', 'info.distro.dirs[0][0] is not UTF-8'],
    ['one where a file is', [['a', 'b']], 'PATH_REFUSED', 'collides'],
    ['one below a file', [['a', 'b', 'c']], 'PATH_REFUSED', 'collides'],
    ['one in which something is', [['a']], 'PATH_REFUSED', 'collides'],
    ['one twice', [['x'], ['x']], 'PATH_REFUSED', 'collides'],
    ['one in other letters', [['x'], ['X']], 'PATH_REFUSED', 'collides'],
    ['one in another', [['x'], ['x', 'y']], 'PATH_REFUSED', 'collides'],
    ['one without a name', [[]], 'PATH_REFUSED', 'info.distro.dirs[0] is empty'],
    ['one that is no list', ['x'], 'TORRENT_INVALID', 'info.distro.dirs[0] is a string, not a list'],
    ['one with a number', [[4]], 'TORRENT_INVALID', 'info.distro.dirs[0][0] is an integer'],
    ['none at all', [], 'TORRENT_INVALID', 'info.distro.dirs is empty'],
    ['too many', Array.from({ length: 200_000 }, (_, index) => [`${index}`]), 'LIMIT_EXCEEDED', 'more than 199999 entries'],
  ])('are refused with %s', (_what, dirs, code, message) => {
    expect(() => decodeMetainfo(withDirs(dirs))).toThrow(expect.objectContaining({ code, message: expect.stringContaining(message) }))
  })

  it('are nothing where the entry says nothing of them, and no concern of a single file', () => {
    const other = torrent(folderInfo([file('a', 5)], { distro: dictionary({ unknown: 1 }) }))
    expect(decodeMetainfo(other).info.emptyDirectories).toBeUndefined()
    expect(decodeMetainfo(torrent(singleInfo({ distro: dictionary({ dirs: [['x']] }) }))).info.emptyDirectories).toBeUndefined()
  })
})
