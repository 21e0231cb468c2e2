import { mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { VerbEvents } from '../../../src/app/events.ts'
import { create } from '../../../src/app/torrents/create.ts'
import { verify } from '../../../src/app/torrents/verify.ts'
import { Events } from '../../../src/base/events.ts'
import type { TorrentFormat } from '../../../src/torrent/torrent-format.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const never = new AbortController().signal

/** A folder with a tree `app` and its `app.torrent`. */
async function published(path = 'app'): Promise<string> {
  const folder = await temporaryFolder()
  await mkdir(join(folder, 'app/sub'), { recursive: true })
  await writeFile(join(folder, 'app/a.bin'), Buffer.alloc(70_000, 1))
  await writeFile(join(folder, 'app/b.bin'), Buffer.alloc(70_000, 2))
  await writeFile(join(folder, 'app/sub/c.bin'), Buffer.alloc(70_000, 3))
  await publish(folder, path, 16_384)
  return folder
}

async function publish(folder: string, path: string, pieceLengthBytes: number, format?: TorrentFormat): Promise<void> {
  const settings = {
    name: undefined,
    exclude: [],
    pieceLengthBytes,
    format,
    comment: undefined,
    isPrivate: false,
    trackers: [],
    webSeeds: [],
  }
  const target = { path: join(folder, path), outputFile: join(folder, 'app.torrent'), defaultDir: folder }
  await create({ ...target, ...settings }, new Events(), never)
}

describe('verify', () => {
  it('finds a whole tree whole, named itself or by the folder it is in', async () => {
    const folder = await published()
    for (const path of [join(folder, 'app'), folder]) {
      const events = new Events<VerbEvents>()
      const told: string[] = []
      events.on('progress', ({ phase, bytesDone }) => told.push(`${phase} ${bytesDone}`))
      events.on('done', (done) => told.push(`done ${done.path}`))
      const result = await verify({ torrent: join(folder, 'app.torrent'), path }, events, never)
      expect(result).toMatchObject({ name: 'app', bytes: 210_000, files: 3, damaged: [] })
      expect(told.slice(-2)).toEqual(['check 210000', `done ${join(folder, 'app')}`])
    }
  })

  it('finds a tree that was renamed, and a single file by itself or in its folder', async () => {
    const folder = await published('app/a.bin')
    for (const path of [join(folder, 'app/a.bin'), join(folder, 'app')]) {
      expect((await verify({ torrent: join(folder, 'app.torrent'), path }, new Events(), never)).damaged).toEqual([])
    }
    await writeFile(join(folder, 'renamed'), Buffer.alloc(70_000, 1))
    expect((await verify({ torrent: join(folder, 'app.torrent'), path: join(folder, 'renamed') }, new Events(), never)).damaged).toEqual([])
  })

  it('names each file that is missing, damaged, or of the wrong length, and says no done', async () => {
    const folder = await published()
    await rm(join(folder, 'app/a.bin'))
    await writeFile(join(folder, 'app/b.bin'), Buffer.alloc(70_000, 9))
    await writeFile(join(folder, 'app/sub/c.bin'), 'short')
    const events = new Events<VerbEvents>()
    events.on('done', () => expect.unreachable('said done of damaged content'))
    const { damaged } = await verify({ torrent: join(folder, 'app.torrent'), path: join(folder, 'app') }, events, never)
    expect(damaged).toEqual([
      { path: 'a.bin', state: 'missing' },
      { path: 'b.bin', state: 'damaged' },
      { path: 'sub/c.bin', state: 'damaged' },
    ])
  })

  it('suspects the files of a wrong piece that they share, when nothing else is known of them', async () => {
    const folder = await temporaryFolder()
    await mkdir(join(folder, 'app'))
    for (const name of ['a', 'b']) await writeFile(join(folder, 'app', name), Buffer.alloc(40_000, 1))
    await publish(folder, 'app', 131_072, 'v1')
    await writeFile(join(folder, 'app/b'), Buffer.alloc(40_000, 1).fill(2, 39_999))
    const { damaged, wrongFiles } = await verify({ torrent: join(folder, 'app.torrent'), path: join(folder, 'app') }, new Events(), never)
    expect(damaged).toEqual([
      { path: 'a', state: 'suspect', sharesPieceWith: ['b'], sharers: 1 },
      { path: 'b', state: 'suspect', sharesPieceWith: ['a'], sharers: 1 },
    ])
    expect(wrongFiles).toEqual({ least: 1, most: 2 })
  })

  it('says of files that share a piece with a missing one that they could not be checked', async () => {
    const folder = await temporaryFolder()
    await mkdir(join(folder, 'app'))
    for (const name of ['a', 'b', 'c', 'd']) await writeFile(join(folder, 'app', name), Buffer.alloc(5_000, 1))
    await publish(folder, 'app', 16_384, 'v1')
    await writeFile(join(folder, 'app/b'), Buffer.alloc(5_000, 2))
    await rm(join(folder, 'app/d'))
    const { damaged, wrongFiles } = await verify({ torrent: join(folder, 'app.torrent'), path: join(folder, 'app') }, new Events(), never)
    const unchecked = { state: 'unchecked', sharesPieceWith: ['d'], sharers: 1 }
    expect(damaged).toEqual([
      { path: 'a', ...unchecked },
      { path: 'b', ...unchecked },
      { path: 'c', ...unchecked },
      { path: 'd', state: 'missing' },
    ])
    expect(wrongFiles).toEqual({ least: 1, most: 1 })
  })

  it.each(['v1', 'v2', 'hybrid'] as const)('of a selection checks that part, and asks for no other file; %s', async (format) => {
    const folder = await temporaryFolder()
    await mkdir(join(folder, 'app/sub'), { recursive: true })
    for (const [place, name] of ['a', 'b', 'sub/c'].entries()) await writeFile(join(folder, 'app', name), Buffer.alloc(32_768, place))
    await symlink('c', join(folder, 'app/sub/link'))
    await symlink('a', join(folder, 'app/other'))
    await mkdir(join(folder, 'app/empty'))
    await publish(folder, 'app', 16_384, format)
    for (const path of ['a', 'other', 'empty']) await rm(join(folder, 'app', path), { recursive: true })
    await writeFile(join(folder, 'app/b'), 'changed')
    const request = { torrent: join(folder, 'app.torrent'), path: join(folder, 'app') }
    const events = new Events<VerbEvents>()
    const told: unknown[] = []
    events.on('done', ({ isPart, bytes }) => told.push({ isPart, bytes }))
    events.on('warning', ({ message }) => told.push(message))
    events.on('progress', ({ bytesDone, bytesTotal }) => expect(bytesDone).toBeLessThanOrEqual(bytesTotal))
    const result = await verify({ ...request, select: ['sub', 'nothing'] }, events, never)
    expect(result).toMatchObject({
      path: request.path,
      isPart: true,
      files: 1,
      bytes: 32_768,
      damaged: [],
      wrongFiles: { least: 0, most: 0 },
    })
    expect(told).toEqual(['Nothing in app matches --select nothing.', { isPart: true, bytes: 32_768 }])
    await rm(join(folder, 'app/sub/link'))
    await writeFile(join(folder, 'app/strange'), '')
    const other = await verify({ ...request, select: ['a', 'sub/*'] }, new Events(), never)
    expect(other.damaged).toEqual([
      { path: 'a', state: 'missing' },
      { path: 'other', state: 'missing', target: 'a' },
      { path: 'sub/link', state: 'missing', target: 'c' },
      { path: 'strange', state: 'extra' },
    ])
    await expect(verify({ ...request, select: ['nothing'] }, new Events(), never)).rejects.toMatchObject({ code: 'USAGE' })
  })

  it('blames nobody for a piece of v1 that reaches into a file that is not selected', async () => {
    const folder = await temporaryFolder()
    await mkdir(join(folder, 'app'))
    for (const name of ['a', 'b', 'c']) await writeFile(join(folder, 'app', name), Buffer.alloc(5_000, 1))
    await publish(folder, 'app', 16_384, 'v1')
    const request = { torrent: join(folder, 'app.torrent'), path: join(folder, 'app'), select: ['a'] }
    expect((await verify(request, new Events(), never)).damaged).toEqual([])
    for (const change of [() => writeFile(join(folder, 'app/b'), Buffer.alloc(5_000, 2)), () => rm(join(folder, 'app/b'))]) {
      await change()
      const { damaged, wrongFiles } = await verify(request, new Events(), never)
      expect(damaged).toEqual([{ path: 'a', state: 'unchecked', sharesPieceWith: ['b', 'c'], sharers: 2 }])
      expect(wrongFiles).toEqual({ least: 0, most: 0 })
    }
  })

  it('names what is there and not in the torrent, and says no done', async () => {
    const folder = await published()
    await mkdir(join(folder, 'app/old/deep'), { recursive: true })
    await writeFile(join(folder, 'app/old/deep/er'), '')
    await symlink('/etc/hosts', join(folder, 'app/sub/link'))
    const events = new Events<VerbEvents>()
    events.on('done', () => expect.unreachable('said done of a tree with more in it'))
    const { damaged, wrongFiles } = await verify({ torrent: join(folder, 'app.torrent'), path: join(folder, 'app') }, events, never)
    expect(damaged).toEqual([
      { path: 'old/', state: 'extra' },
      { path: 'sub/link', state: 'extra' },
    ])
    expect(wrongFiles).toEqual({ least: 0, most: 0 })
  })

  it('says in one sentence that a file is not the tree that the torrent describes', async () => {
    const folder = await published()
    const request = { torrent: join(folder, 'app.torrent'), path: join(folder, 'app/a.bin') }
    await expect(verify(request, new Events(), never)).rejects.toMatchObject({
      code: 'VERIFY_FAILED',
      message: `${request.path} is a single file, and the torrent describes a directory: "app" with 3 files.`,
    })
  })

  it.each([
    [{ torrent: 'none.torrent', path: 'app' }, 'INPUT_MISSING'],
    [{ torrent: 'app', path: 'app' }, 'TORRENT_INVALID'],
    [{ torrent: 'app/a.bin', path: 'app' }, 'TORRENT_INVALID'],
    [{ torrent: 'app.torrent', path: 'nowhere' }, 'INPUT_MISSING'],
  ])('refuses %j with %s', async ({ torrent, path }, code) => {
    const folder = await published()
    const request = { torrent: join(folder, torrent), path: join(folder, path) }
    await expect(verify(request, new Events(), never)).rejects.toMatchObject({ code })
  })

  it('refuses a magnet, which says nothing of the content', async () => {
    const torrent = 'magnet:?xt=urn:btih:c12fe1c06bba254a9dc9f519b335aa7c1367a88a'
    await expect(verify({ torrent, path: '/' }, new Events(), never)).rejects.toMatchObject({ code: 'USAGE' })
  })
})
