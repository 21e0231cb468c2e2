import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Bencodable } from '../../src/torrent/bencode.ts'
import { encodeInfo } from '../../src/torrent/encode-info.ts'
import { encodeMetainfo } from '../../src/torrent/encode-metainfo.ts'
import { LAST_MTIME } from '../../src/torrent/entry-mtimes.ts'
import { decodeMetainfo } from '../../src/torrent/metainfo.ts'
import { filePlaces, folderPlaces, linkPlaces } from '../../src/torrent/tree-places.ts'
import { sampleTorrent } from '../store/sample-torrent.ts'
import { dictionary, file, folderInfo, singleInfo, torrent } from './build-torrent.ts'

const oneFile = (own: Readonly<Record<string, Bencodable>>): Uint8Array =>
  torrent(folderInfo([file('a/b', 5), file('a/l', 0, { attr: 'l', 'symlink path': ['a', 'b'] })], { distro: dictionary(own) }))

/** A tree of a file, a link, an empty folder and the folders around them, with modes and times for each. */
const trees = fc.record({
  names: fc.uniqueArray(fc.stringMatching(/^[a-zé]{1,4}$/), {
    minLength: 3,
    maxLength: 9,
    selector: (name) => name.normalize().toLowerCase(),
  }),
  depth: fc.integer({ min: 0, max: 3 }),
  fileModes: fc.array(fc.integer({ min: 0, max: 0o777 }), { minLength: 1 }),
  folderModes: fc.array(fc.integer({ min: 0, max: 0o777 }), { minLength: 1 }),
  times: fc.array(fc.integer({ min: 0, max: LAST_MTIME }), { minLength: 1 }),
})

describe('modes and times in an info dictionary', () => {
  it('are read back as they were written', () => {
    fc.assert(
      fc.property(trees, ({ names, depth, fileModes, folderModes, times }) => {
        const below = names.map((name, index) => [...names.slice(0, Math.min(index, depth)).map((each) => `d${each}`), name])
        const { info } = sampleTorrent(below.slice(2).map((path) => [path.join('/'), 10] as const))
        const symlinks = [{ path: below[0] ?? [], target: ['x'] }]
        const emptyDirectories = [[...(below[1] ?? []), 'e']]
        const places = { ...info, symlinks, emptyDirectories }
        const pick = (values: readonly number[], index: number): number => values[index % values.length] ?? 0
        const modes = new Map<string, number>()
        for (const [index, place] of filePlaces(places).entries()) modes.set(place, pick(fileModes, index) | 0o400)
        for (const [index, place] of folderPlaces(places).entries()) modes.set(place, pick(folderModes, index) | 0o500)
        const mtimes = new Map<string, number>()
        const all = [...filePlaces(places), ...folderPlaces(places), ...linkPlaces(places)]
        for (const [index, place] of all.entries()) mtimes.set(place, pick(times, index))
        const files = info.files.map((each) => ({
          ...each,
          ...(((modes.get(each.path.join('/')) ?? 0) & 0o100) === 0 ? {} : { isExecutable: true as const }),
        }))
        const infoBytes = encodeInfo({ ...places, files, modes, mtimes })
        const read = decodeMetainfo(encodeMetainfo({ infoBytes })).info
        expect(read.modes).toEqual(modes)
        expect(read.mtimes).toEqual(mtimes)
        expect(Buffer.from(encodeInfo({ ...read, pieceHashes: info.pieceHashes })).equals(infoBytes)).toBe(true)
      }),
    )
  })

  it('are none where the torrent says nothing of them', () => {
    const { info } = decodeMetainfo(oneFile({ unknown: 1 }))
    expect([info.modes, info.mtimes]).toEqual([undefined, undefined])
  })

  it('of a single file are those of the file', () => {
    const own = { modes: dictionary({ files: [0o600, 1] }), mtimes: dictionary({ files: [7, 1] }) }
    const { info } = decodeMetainfo(torrent(singleInfo({ distro: dictionary(own) })))
    expect([info.modes, info.mtimes]).toEqual([new Map([['', 0o600]]), new Map([['', 7]])])
  })

  const modes = (files: Bencodable, folders: Bencodable): Readonly<Record<string, Bencodable>> => ({
    modes: dictionary({ files, folders }),
  })
  const mtimes = (files: Bencodable, folders: Bencodable, links: Bencodable): Readonly<Record<string, Bencodable>> => ({
    mtimes: dictionary({ files, folders, links }),
  })

  it.each<[string, Readonly<Record<string, Bencodable>>, string]>([
    ['setuid', modes([0o4644, 1], [0o755, 2]), 'info.distro.modes.files[0] is 2468, not one from 0 to 511'],
    ['a sticky folder', modes([0o644, 1], [0o1777, 2]), 'info.distro.modes.folders[0] is 1023, not one from 0 to 511'],
    ['a negative mode', modes([-1, 1], [0o755, 2]), 'info.distro.modes.files[0] is -1'],
    ['a file that its owner may not read', modes([0o044, 1], [0o755, 2]), 'info.distro.modes.files has 36, which keeps out the owner'],
    [
      'a folder that its owner may not enter',
      modes([0o644, 1], [0o455, 2]),
      'info.distro.modes.folders has 301, which keeps out the owner',
    ],
    ['an exec bit that BEP 47 does not say', modes([0o755, 1], [0o755, 2]), 'differ about who may execute a file'],
    ['modes of too few folders', modes([0o644, 1], [0o755, 1]), 'info.distro.modes.folders is for 1 entries, and there are 2'],
    ['no modes of folders', { modes: dictionary({ files: [0o644, 1] }) }, 'info.distro.modes.folders is missing'],
    ['modes that are no dictionary', { modes: [0o644, 1] }, 'info.distro.modes is a list, not a dictionary'],
    ['a time before 1970', mtimes([-1, 1], [0, 2], [0, 1]), 'info.distro.mtimes.files[0] is -1'],
    ['a time that no file system keeps', mtimes([0, 1], [2 ** 33, 2], [0, 1]), 'info.distro.mtimes.folders[0] is 8589934592'],
    ['no times of links', { mtimes: dictionary({ files: [0, 1], folders: [0, 2] }) }, 'info.distro.mtimes.links is missing'],
  ])('are refused with %s', (_, own, message) => {
    expect(() => decodeMetainfo(oneFile(own))).toThrow(
      expect.objectContaining({ code: 'TORRENT_INVALID', message: expect.stringContaining(message) }),
    )
  })

  it('are refused for folders of a single file', () => {
    const own = { modes: dictionary({ files: [0o600, 1], folders: [0o755, 1] }) }
    expect(() => decodeMetainfo(torrent(singleInfo({ distro: dictionary(own) })))).toThrow('there is nothing that it could be of')
  })
})
