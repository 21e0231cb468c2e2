import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { ProgressEvent, VerbEvents } from '../../../src/app/events.ts'
import { create } from '../../../src/app/torrents/create.ts'
import type { CreateRequest } from '../../../src/app/torrents/create-request.ts'
import { toHex } from '../../../src/base/bytes.ts'
import { Events } from '../../../src/base/events.ts'
import { decodeMetainfo } from '../../../src/torrent/metainfo.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const never = new AbortController().signal

async function sampleTree(): Promise<string> {
  const folder = await temporaryFolder()
  await mkdir(join(folder, 'app/sub'), { recursive: true })
  await writeFile(join(folder, 'app/b.bin'), Buffer.alloc(100_000, 7))
  await writeFile(join(folder, 'app/sub/a.txt'), 'hello')
  await writeFile(join(folder, 'app/.hidden'), '')
  return folder
}

function requestFor(folder: string, detail: Partial<CreateRequest> = {}): CreateRequest {
  return {
    path: join(folder, 'app'),
    outputFile: undefined,
    defaultDir: folder,
    name: undefined,
    exclude: [],
    pieceLengthBytes: undefined,
    format: undefined,
    comment: undefined,
    isPrivate: false,
    trackers: [],
    webSeeds: [],
    ...detail,
  }
}

describe('create', () => {
  it('finds out before it hashes that the result cannot be written', async () => {
    const folder = await sampleTree()
    const events = new Events<VerbEvents>()
    let hashed = 0
    events.on('progress', () => hashed++)
    await expect(create(requestFor(folder, { outputFile: join(folder, 'none', 'a.torrent') }), events, never)).rejects.toMatchObject({
      code: 'DISK_FAILED',
    })
    expect(hashed).toBe(0)
  })

  it('names the file that it would have written when the folder is not there', async () => {
    const folder = await sampleTree()
    const defaultDir = join(folder, 'none')
    for (const [detail, name] of [
      [{}, 'app.torrent'],
      [{ name: 'app-1.2' }, 'app-1.2.torrent'],
    ] as const) {
      await expect(create(requestFor(folder, { ...detail, defaultDir }), new Events(), never)).rejects.toMatchObject({
        code: 'DISK_FAILED',
        message: expect.stringContaining(`Cannot write ${join(defaultDir, name)}:`),
      })
    }
  })

  it('finds out before it hashes that a directory is where the .torrent is to go', async () => {
    const folder = await sampleTree()
    const events = new Events<VerbEvents>()
    events.on('progress', () => expect.unreachable('hashed in vain'))
    await expect(create(requestFor(folder, { outputFile: join(folder, 'app') }), events, never)).rejects.toMatchObject({
      code: 'DISK_FAILED',
      message: `Cannot write ${join(folder, 'app')}: it is a directory.`,
      hint: 'Name a file: -o app.torrent.',
    })
  })

  it('never replaces the content by its .torrent', async () => {
    const folder = await sampleTree()
    const path = join(folder, 'app/b.bin')
    await expect(create(requestFor(folder, { path, outputFile: path }), new Events(), never)).rejects.toMatchObject({ code: 'USAGE' })
    expect(await readFile(path)).toHaveLength(100_000)
  })

  it('refuses before it hashes a web seed with a query for a folder, which no fetch would ask', async () => {
    const folder = await sampleTree()
    const webSeeds = ['https://m.example/x/?k=hidden']
    const events = new Events<VerbEvents>()
    events.on('progress', () => expect.unreachable('hashed in vain'))
    const refusal = {
      code: 'USAGE',
      message:
        'The web seed https://m.example/x/?... has a query, and this torrent is a folder: names of files cannot be put behind a query.',
    }
    await expect(create(requestFor(folder, { webSeeds }), events, never)).rejects.toMatchObject(refusal)
    const path = join(folder, 'app/b.bin')
    const { magnet } = await create(requestFor(folder, { path, webSeeds }), new Events(), never)
    expect(magnet).toContain('hidden')
  })

  it('names a web seed once, however often and in whatever way it was given', async () => {
    const folder = await sampleTree()
    const webSeeds = ['https://m.example/', 'https://b.example/', 'https://M.example:443/', 'https://b.example/']
    await create(requestFor(folder, { webSeeds }), new Events(), never)
    const { webSeeds: named } = decodeMetainfo(await readFile(join(folder, 'app.torrent')))
    expect(named).toEqual(['https://m.example/', 'https://b.example/'])
  })

  it('leaves out what it writes itself, so that the second torrent of a folder is that of the first, and says so', async () => {
    const folder = join(await sampleTree(), 'app')
    const warnings: string[] = []
    const events = new Events<VerbEvents>()
    events.on('warning', ({ message }) => warnings.push(message))
    const again = (): Promise<{ readonly infoHash: string }> => create(requestFor(folder, { path: folder }), events, never)
    const first = await again()
    expect(warnings).toEqual([])
    expect((await again()).infoHash).toBe(first.infoHash)
    expect(warnings).toEqual(['Not published: "app.torrent", which distro itself writes.'])
  })

  it('writes <name>.torrent and tells its magnet, content and progress', async () => {
    const folder = await sampleTree()
    const events = new Events<VerbEvents>()
    const progress: ProgressEvent[] = []
    const told: string[] = []
    events.on('progress', (figures) => progress.push(figures))
    events.on('metadata', ({ files }) => told.push(`metadata ${files}`))
    events.on('done', ({ path }) => told.push(`done ${basename(path)}`))
    const result = await create(requestFor(folder, { format: 'v1' }), events, never)
    const metainfo = decodeMetainfo(await readFile(join(folder, 'app.torrent')))
    expect(metainfo.info).toMatchObject({ name: 'app', totalBytes: 100_005, isPrivate: false })
    expect(metainfo.info.files.map(({ path }) => path.join('/'))).toEqual(['.hidden', 'b.bin', 'sub/a.txt'])
    expect(result).toMatchObject({ infoHash: toHex(metainfo.infoHash), files: 3, bytes: 100_005, path: join(folder, 'app.torrent') })
    expect(result.magnet).toBe(`magnet:?xt=urn:btih:${result.infoHash}&dn=app`)
    expect(progress.at(-1)).toMatchObject({ phase: 'hash', bytesDone: 100_005, bytesTotal: 100_005 })
    expect(told).toEqual(['metadata 3', 'done app.torrent'])
    expect((await readdir(folder)).sort()).toEqual(['app', 'app.torrent'])
  })

  it('gives the same bytes for the same tree every time', async () => {
    const folder = await sampleTree()
    const torrents: Buffer[] = []
    for (const outputFile of ['one', 'two']) {
      await create(requestFor(folder, { outputFile: join(folder, outputFile) }), new Events(), never)
      torrents.push(await readFile(join(folder, outputFile)))
    }
    expect(torrents[0]).toEqual(torrents[1])
    expect(decodeMetainfo(torrents[0] as Buffer).creationDate).toBeUndefined()
  })

  it('puts name, piece length, comment, trackers and privacy in, and leaves out what is excluded', async () => {
    const folder = await sampleTree()
    const trackers = ['https://a.example/announce', 'udp://b.example:80/announce']
    const detail = { name: 'other', pieceLengthBytes: 16_384, comment: 'hi', trackers, isPrivate: true, exclude: ['*.bin'] }
    const result = await create(requestFor(folder, detail), new Events(), never)
    const metainfo = decodeMetainfo(await readFile(join(folder, 'other.torrent')))
    expect(metainfo).toMatchObject({ comment: 'hi', trackers: trackers.map((url) => [url]) })
    expect(metainfo.info).toMatchObject({ name: 'other', pieceLengthBytes: 16_384, isPrivate: true, totalBytes: 5 })
    expect(result.magnet).toContain('&tr=https%3A%2F%2Fa.example%2Fannounce&tr=udp')
  })

  it('makes a single-file torrent out of a file and replaces an older .torrent', async () => {
    const folder = await sampleTree()
    await writeFile(join(folder, 'b.bin.torrent'), 'old')
    await create(requestFor(folder, { path: join(folder, 'app/b.bin') }), new Events(), never)
    expect(decodeMetainfo(await readFile(join(folder, 'b.bin.torrent'))).info).toMatchObject({ isSingleFile: true, name: 'b.bin' })
  })

  it.each([
    [{ path: '/nonexistent/x' }, 'INPUT_MISSING'],
    [{ name: '../x' }, 'INPUT_REFUSED'],
    [{ name: '..' }, 'INPUT_REFUSED'],
    [{ exclude: ['*'] }, 'INPUT_REFUSED'],
    [{ pieceLengthBytes: 100_000 }, 'USAGE'],
    [{ outputFile: '/nonexistent/x.torrent' }, 'DISK_FAILED'],
  ] as const)('refuses %j with %s and leaves no file behind', async (detail, code) => {
    const folder = await sampleTree()
    await expect(create(requestFor(folder, detail), new Events(), never)).rejects.toMatchObject({ code })
    expect(await readdir(folder)).toEqual(['app'])
  })

  it('refuses names that no fetch would take before it hashes anything', async () => {
    const folder = await sampleTree()
    await mkdir(join(folder, 'app', ...Array.from({ length: 101 }, () => 'd')), { recursive: true })
    const events = new Events<VerbEvents>()
    events.on('progress', () => expect.unreachable('hashed before the names were checked'))
    await expect(create(requestFor(folder), events, never)).rejects.toMatchObject({
      code: 'INPUT_REFUSED',
      message: expect.stringMatching(
        /^No host would take this tree\. It has the path "(?:d\/)+d?\.\.\.", which has 101 elements, more than 100\.$/,
      ),
    })
  })

  it('says of a name that is too long for its .torrent how to give another, before it hashes anything', async () => {
    const folder = await sampleTree()
    const events = new Events<VerbEvents>()
    events.on('progress', () => expect.unreachable('hashed before the name was checked'))
    await expect(create(requestFor(folder, { name: 'x'.repeat(240) }), events, never)).rejects.toMatchObject({
      code: 'DISK_FAILED',
      message: expect.stringContaining('the name is too long for this file system'),
      hint: 'Give it a shorter name with -o FILE.',
    })
    await mkdir(join(folder, 'y'.repeat(254)))
    await writeFile(join(folder, 'y'.repeat(254), 'a'), 'a')
    const request = requestFor(folder, { path: join(folder, 'y'.repeat(254)) })
    await expect(create(request, events, never)).rejects.toMatchObject({ hint: 'Give it a shorter name with -o FILE.' })
  })

  it.each([
    [['A', 'a'], '"a" and "A" (the same file on some systems)'],
    [['d/é', 'd/e\u0301'], '"d/é" and "d/e\u0301" (the same file on some systems)'],
    [['Lib/x', 'lib/y'], '"lib" and "Lib" (the same folder on some systems)'],
    [['A', 'a/x'], '"a" and "A" (one name on some systems)'],
    [['con'], '"con" (it is the name of a device on Windows)'],
    [['lib/con'], '"con" in "lib/con" (it is the name of a device on Windows)'],
    [['a\\b'], '"a\\\\b" (a name cannot hold a path separator, as a backslash is on Windows)'],
    [['a\nb'], '"a\\u{a}b" (it holds control characters or marks of text direction)'],
    [['a.'], '"a." (Windows drops the dot or space at its end)'],
    [
      ['aux.c', 'b', 'B', 'x.', 'y.', 'z.'],
      '"aux.c" (it is the name of a device on Windows), "b" and "B" (the same file on some systems), "x." (Windows drops the dot or space at its end) and 2 more',
    ],
  ])('says of the files %j which names not every system takes', async (names, list) => {
    const folder = await temporaryFolder()
    for (const name of names) {
      await mkdir(dirname(join(folder, 'app', name)), { recursive: true })
      await writeFile(join(folder, 'app', name), 'x')
    }
    const events = new Events<VerbEvents>()
    const warnings: string[] = []
    events.on('warning', ({ message }) => warnings.push(message))
    await create(requestFor(folder), events, never)
    expect(warnings).toEqual([
      `Hosts with Linux take this tree as it is, but not every system and program takes all of its names: ${list}.`,
    ])
  })

  it('stops with the reason of the signal and leaves no file behind', async () => {
    const folder = await sampleTree()
    const reason = new RangeError('stopped by the test')
    await expect(create(requestFor(folder), new Events(), AbortSignal.abort(reason))).rejects.toBe(reason)
    expect(await readdir(folder)).toEqual(['app'])
  })

  it('refuses a single empty file, and takes a folder of empty files', async () => {
    const folder = await temporaryFolder()
    await mkdir(join(folder, 'app'))
    await writeFile(join(folder, 'app/none'), '')
    const single = { ...requestFor(folder), path: join(folder, 'app/none') }
    await expect(create(single, new Events(), never)).rejects.toMatchObject({
      code: 'INPUT_REFUSED',
      message: expect.stringContaining('is empty'),
    })
    expect(await readdir(folder)).toEqual(['app'])
    expect(await create(requestFor(folder), new Events(), never)).toMatchObject({ files: 1, pieces: 0, bytes: 0 })
  })

  it('replaces a file in the tree only where an earlier run wrote it', async () => {
    const folder = await sampleTree()
    const content = join(folder, 'app/sub/a.txt')
    await expect(create(requestFor(folder, { outputFile: content }), new Events(), never)).rejects.toMatchObject({
      code: 'TARGET_DIFFERS',
      message: `Cannot write ${content}: it is a file of the tree, and none that distro wrote there.`,
    })
    expect(await readFile(content, 'utf8')).toBe('hello')
    const outputFile = join(folder, 'app/app.torrent')
    const first = await create(requestFor(folder, { outputFile }), new Events(), never)
    const second = await create(requestFor(folder, { outputFile }), new Events(), never)
    expect(second.infoHash).toBe(first.infoHash)
    expect(second.files).toBe(3)
  })
})
