import { readlinkSync, symlinkSync } from 'node:fs'
import { join, posix } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeMetainfo } from '../../src/torrent/metainfo.ts'
import { symlinkText } from '../../src/torrent/symlink.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { dictionary, file, folderInfo, torrent } from './build-torrent.ts'
import { leaf } from './build-v2.ts'

const link = (path: string, target: readonly string[]) => file(path, 0, { attr: 'l', 'symlink path': target })

describe('the text of a symbolic link', () => {
  it.each([
    ['l', 'a', 'a'],
    ['l', 'a/b', 'a/b'],
    ['a/l', 'a/b', 'b'],
    ['a/l', 'b', '../b'],
    ['a/b/l', 'a', '..'],
    ['a/l', 'a', '.'],
    ['a/b/l', 'c/d', '../../c/d'],
  ])('at %s to %s is %s', (path, target, text) => {
    expect(symlinkText({ path: path.split('/'), target: target.split('/') })).toBe(text)
  })

  it('goes up first and then only down, and leads from its folder to its target', () => {
    const path = fc.array(fc.constantFrom('a', 'b', '...', 'c d'), { minLength: 1, maxLength: 5 })
    fc.assert(
      fc.property(path, path, (from, target) => {
        const text = symlinkText({ path: from, target })
        expect(text).toMatch(/^(?:\.|(?:\.\.(?:\/|$))*(?:(?!\.\.?(?:\/|$))[^/]+(?:\/|$))*)$/)
        expect(posix.join('/', ...from.slice(0, -1), text)).toBe(`/${target.join('/')}`)
      }),
    )
  })

  it('is one that the system takes', async () => {
    const folder = await temporaryFolder()
    const text = symlinkText({ path: ['l'], target: ['x'.repeat(255), 'y'.repeat(255)] })
    symlinkSync(text, join(folder, 'l'))
    expect(readlinkSync(join(folder, 'l'))).toBe(text)
  })
})

describe('a torrent with a symbolic link', () => {
  it.each([
    ['that climbs', ['..', '..', 'etc', 'passwd'], '"..": it names another folder'],
    ['that climbs in the middle', ['a', '..', '..', 'etc'], '"..": it names another folder'],
    ['that climbs past the root', ['..', '..', 'b'], '"..": it names another folder'],
    ['to the root', ['..'], '"..": it names another folder'],
    ['that is absolute', ['', 'etc', 'passwd'], '"": a name cannot be empty'],
    ['that is absolute in one name', ['/etc/passwd'], 'a name cannot hold a path separator'],
    ['that climbs in one name', ['../../etc'], 'a name cannot hold a path separator'],
    ['that climbs with backslashes', ['..\\..\\etc'], 'a name cannot hold a path separator, as a backslash is on Windows'],
    ['to a drive', ['C:', 'x'], 'it is a drive'],
    ['with a zero byte', ['a\0b'], 'it holds what no file name can hold'],
    ['that is not UTF-8', [Buffer.from([0x66, 0xff])], 'not UTF-8'],
    ['that is too long for a link', Array.from({ length: 20 }, () => 'x'.repeat(250)), 'bytes long, more than 4095'],
  ])('%s is refused', (_what, target, message) => {
    const entry = file('a/l', 0, { attr: 'l', 'symlink path': target })
    expect(() => decodeMetainfo(torrent(folderInfo([file('b', 5), entry])))).toThrow(
      expect.objectContaining({ code: 'PATH_REFUSED', message: expect.stringContaining(message) }),
    )
  })

  it.each([
    ['a file below it', [link('lib', ['tmp']), file('lib/x', 5)]],
    ['a file below it, written before', [file('lib/x', 5), link('lib', ['tmp'])]],
    ['a file below it in other letters', [link('LIB', ['tmp']), file('lib/x', 5)]],
    ['a link below it', [file('a', 5), link('lib', ['tmp']), link('lib/x', ['a'])]],
    ['a file of its name', [file('a', 5), link('a', ['b'])]],
    ['another link of its name', [file('b', 5), link('a', ['b']), link('a', ['c'])]],
  ])('is refused with %s', (_what, entries) => {
    expect(() => decodeMetainfo(torrent(folderInfo(entries)))).toThrow(expect.objectContaining({ code: 'PATH_REFUSED' }))
  })

  it.each([
    ['from the root, as BEP 47 has it', 'a/l', ['a', 'b'], 'a/b'],
    ['from its folder, as libtorrent has it', 'a/l', ['b'], 'a/b'],
    ['from its folder up', 'a/l', ['..', 'c'], 'c'],
    ['to its own folder', 'a/l', ['.'], 'a'],
    ['to an empty folder', 'a/l', ['e'], 'e'],
    ['to a folder', 'x/y/l', ['..', '..', 'a'], 'a'],
    ['through another link beside it', 'a/l', ['other', 'z'], 'a/other/z'],
    ['from the root where both would do', 'a/l', ['c'], 'c'],
    ['to nothing, which is from the root', 'a/l', ['nothing'], 'nothing'],
  ])('has its target %s', (_what, path, target, meant) => {
    const files = [file('a/b', 5), file('c', 0), file('a/c', 0), file('x/y/z', 0), link('a/other', ['x', 'y'])]
    const distro = dictionary({ dirs: [['e']] })
    const { symlinks } = decodeMetainfo(torrent(folderInfo([...files, file('a/e', 0), link(path, target)], { distro }))).info
    expect(symlinks?.at(-1)).toEqual({ path: path.split('/'), target: meant.split('/') })
  })

  it('of v2 alone is refused as one of v1', () => {
    const tree = dictionary({ l: dictionary({ '': dictionary({ attr: 'l', 'symlink path': ['..', 'x'] }) }), z: leaf(5) })
    const info = dictionary({ name: 'release', 'piece length': 16_384, 'meta version': 2, 'file tree': tree })
    expect(() => decodeMetainfo(torrent(info, { 'piece layers': dictionary({}) }))).toThrow(
      expect.objectContaining({ code: 'PATH_REFUSED', message: expect.stringContaining('info.file tree[0].symlink path[0] is ".."') }),
    )
  })
})
