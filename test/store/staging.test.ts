import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { hiddenName } from '../../src/store/hidden-name.ts'
import { Selection } from '../../src/store/selection.ts'
import { prepareStaging, type StagingPaths, stagingPaths } from '../../src/store/staging.ts'
import { PieceGeometry } from '../../src/torrent/piece-geometry.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { type SampleTorrent, sampleTorrent } from './sample-torrent.ts'

const sample = sampleTorrent([
  ['a', 10],
  ['dir/b', 20],
])
const single = sampleTorrent([['one', 10]], { isSingleFile: true, name: 'one' })

async function stagingWith(
  torrent: SampleTorrent,
  make: (paths: StagingPaths) => void,
  files?: ReadonlySet<number>,
): Promise<StagingPaths> {
  const paths = stagingPaths(await temporaryFolder(), torrent.info, torrent.infoHash)
  mkdirSync(paths.dir)
  make(paths)
  await prepareStaging(paths, torrent.info, new Selection(torrent.info, new PieceGeometry(torrent.info), files))
  return paths
}

describe('stagingPaths', () => {
  it('refuse a torrent that is called like the working files of another', () => {
    const { lock, displaced, dir } = stagingPaths('/', { name: 'app' }, new Uint8Array(20))
    for (const path of [lock, displaced, dir, `${lock}.0123456789abcdef`, '/.APP.Distro-Old']) {
      expect(() => stagingPaths('/', { name: path.slice(1) }, new Uint8Array(20)), path).toThrow('as only working files of distro are')
    }
    expect(stagingPaths('/', { name: '.distro-old' }, new Uint8Array(20)).target).toBe('/.distro-old')
  })

  it('lie beside the target, hidden, and are different for each torrent but for the lock', () => {
    const one = stagingPaths('/out', { name: 'n' }, new Uint8Array(20).fill(1))
    const other = stagingPaths('/out', { name: 'n' }, new Uint8Array(20).fill(2))
    expect(one).toMatchObject({
      target: '/out/n',
      dir: '/out/.n.distro-0101010101010101',
      lock: '/out/.n.distro-lock',
      displaced: '/out/.n.distro-old',
    })
    expect([other.dir === one.dir, other.lock === one.lock]).toEqual([false, true])
  })

  it('have names that fit any file system', () => {
    for (const name of ['n'.repeat(255), 'é'.repeat(127)]) expect(Buffer.byteLength(hiddenName(name, '0'.repeat(16)))).toBeLessThan(256)
    expect(hiddenName('a'.repeat(255), 'x')).not.toBe(hiddenName(`${'a'.repeat(254)}b`, 'x'))
  })
})

describe('prepareStaging', () => {
  it('makes a directory that nobody else can look into', async () => {
    const paths = stagingPaths(await temporaryFolder(), sample.info, sample.infoHash)
    await prepareStaging(paths, sample.info, new Selection(sample.info, new PieceGeometry(sample.info), undefined))
    expect(statSync(paths.dir).mode & 0o777).toBe(0o700)
    expect(readdirSync(paths.dir)).toEqual(['content'])
  })

  it('keeps wanted files, cuts those that are too long and removes everything else', async () => {
    const paths = await stagingWith(sample, ({ content }) => {
      mkdirSync(join(content, 'dir/more'), { recursive: true })
      mkdirSync(join(content, 'other'))
      writeFileSync(join(content, 'a'), 'x'.repeat(15))
      writeFileSync(join(content, 'dir/b'), 'half')
      writeFileSync(join(content, 'dir/more/c'), '')
      writeFileSync(join(content, 'other/d'), '')
    })
    expect(readdirSync(paths.content, { recursive: true }).sort()).toEqual(['a', 'dir', 'dir/b'])
    expect(readFileSync(join(paths.content, 'a'), 'utf8')).toBe('x'.repeat(10))
    expect(readFileSync(join(paths.content, 'dir/b'), 'utf8')).toBe('half')
  })

  it('removes files that are not selected any more', async () => {
    const paths = await stagingWith(
      sample,
      ({ content }) => {
        mkdirSync(content)
        writeFileSync(join(content, 'a'), '')
      },
      new Set([1]),
    )
    expect(readdirSync(paths.content)).toEqual([])
  })

  it('removes a file that has a second name elsewhere instead of writing through it', async () => {
    let other = ''
    const paths = await stagingWith(sample, ({ content, outDir }) => {
      other = join(outDir, 'other-name')
      mkdirSync(content)
      writeFileSync(other, 'precious data, longer')
      linkSync(other, join(content, 'a'))
    })
    expect(existsSync(join(paths.content, 'a'))).toBe(false)
    expect(readFileSync(other, 'utf8')).toBe('precious data, longer')
  })

  it.each([
    [
      'a file where a directory belongs',
      ({ content }: StagingPaths): void => {
        mkdirSync(content)
        writeFileSync(join(content, 'dir'), '')
      },
    ],
    ['a directory where a file belongs', ({ content }: StagingPaths): void => void mkdirSync(join(content, 'a/x'), { recursive: true })],
    [
      'a link where a directory belongs',
      ({ content }: StagingPaths): void => {
        mkdirSync(content)
        symlinkSync('/etc', join(content, 'dir'))
      },
    ],
  ])('removes %s', async (_what, make) => {
    expect(readdirSync((await stagingWith(sample, make)).content)).toEqual([])
    expect(existsSync('/etc/hosts')).toBe(true)
  })

  it('removes a tree where a single file belongs, and refuses a file where the tree belongs', async () => {
    const paths = await stagingWith(single, ({ content }) => void mkdirSync(join(content, 'x'), { recursive: true }))
    expect(existsSync(paths.content)).toBe(false)
    await expect(stagingWith(sample, ({ content }) => writeFileSync(content, ''))).rejects.toMatchObject({ code: 'PATH_REFUSED' })
  })
})
