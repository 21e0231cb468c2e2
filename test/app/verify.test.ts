import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { create } from '../../src/app/create.ts'
import type { VerbEvents } from '../../src/app/events.ts'
import { verify } from '../../src/app/verify.ts'
import { Events } from '../../src/base/events.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const never = new AbortController().signal

/** A folder with a tree `app` and its `app.torrent`. */
async function published(path = 'app'): Promise<string> {
  const folder = await temporaryFolder()
  await mkdir(join(folder, 'app/sub'), { recursive: true })
  await writeFile(join(folder, 'app/a.bin'), Buffer.alloc(70_000, 1))
  await writeFile(join(folder, 'app/b.bin'), Buffer.alloc(70_000, 2))
  await writeFile(join(folder, 'app/sub/c.bin'), Buffer.alloc(70_000, 3))
  const settings = { name: undefined, exclude: [], pieceLengthBytes: 16_384, comment: undefined, isPrivate: false, trackers: [] }
  const target = { path: join(folder, path), outputFile: join(folder, 'app.torrent'), defaultDir: folder }
  await create({ ...target, ...settings }, new Events(), never)
  return folder
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
