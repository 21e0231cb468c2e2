import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { PieceGeometry } from '../../../src/torrent/piece-geometry.ts'
import { checkFolder } from '../../../src/web-seed/folder/check-folder.ts'
import { FolderDisk } from '../../../src/web-seed/folder/folder-disk.ts'
import { folderReaderUrl } from '../../../src/web-seed/folder/folder-reader-url.ts'
import { FolderWebSeed } from '../../../src/web-seed/folder/folder-web-seed.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { readRange } from '../support/read-range.ts'
import { singleFile } from '../support/sample-content.ts'

const sample = singleFile('file.bin', 100_000)
const closing = { kind: 'close', file: 1 } as const

test('a mount that hangs ends all that is under way as silent, and is left in peace until its process is gone', async () => {
  // Like one call of four that never comes back, and only that.
  const disk = diskOf(
    await program("process.on('message', ({ kind, number }) => kind === 'read' || process.send({ number, kind: 'closed' }))"),
  )
  expect(await disk.call(closing)).toEqual({ kind: 'closed' })
  const hanging = [
    disk.call({ kind: 'read', file: 1, offsetBytes: 0, lengthBytes: 1 }),
    disk.call({ kind: 'read', file: 2, offsetBytes: 0, lengthBytes: 1 }),
  ]
  expect(await disk.call(closing)).toEqual({ kind: 'closed' })
  disk.giveUp()
  expect(await Promise.all([...hanging, disk.call(closing)])).toEqual([{ kind: 'hung' }, { kind: 'hung' }, { kind: 'hung' }])
  let answer = await disk.call(closing)
  while (answer.kind === 'hung') {
    await new Promise((resolve) => setImmediate(resolve))
    answer = await disk.call(closing)
  }
  expect(answer).toEqual({ kind: 'closed' })
})

test('whether a folder is there is not waited for where its mount hangs', async () => {
  const clock = new ManualClock()
  const disk = diskOf(await program("process.on('message', () => undefined)"))
  const checking = checkFolder('/srv', clock, disk)
  clock.advance(2_000)
  await expect(checking).resolves.toBeUndefined()
})

test('a folder on a mount that hangs is silent after its time, and gives everything when the mount is back', async () => {
  const root = await temporaryFolder()
  await writeFile(join(root, 'file.bin'), sample.bytes)
  const isBack = join(root, 'is-back')
  const disk = diskOf(
    await program(
      `if (require('node:fs').existsSync(${JSON.stringify(isBack)})) import(${JSON.stringify(folderReaderUrl.href)})
       else process.on('message', () => {})`,
    ),
  )
  const clock = new ManualClock()
  const timeOuts = { connectMs: 10_000, answerMs: 30_000, silenceMs: 30_000 }
  const seed = new FolderWebSeed({
    path: root,
    content: sample.content,
    geometry: new PieceGeometry(sample.content.info),
    clock,
    timeOuts,
    disk,
  })
  onTestFinished(() => seed.close())
  const reads = [readRange(seed, 0, 10), readRange(seed, 50, 10)]
  await new Promise((resolve) => setImmediate(resolve))
  clock.advance(30_000)
  for (const { failure } of await Promise.all(reads)) {
    expect(failure).toMatchObject({ kind: 'silent', isFinal: false })
    expect(failure?.message).toContain(root)
  }
  expect(clock.pendingCount).toBe(0)
  await writeFile(isBack, '')
  let read = await readRange(seed, 0, 100_000)
  while (read.failure?.kind === 'silent') read = await readRange(seed, 0, 100_000)
  expect(read.failure).toBeUndefined()
  expect(read.bytes.equals(sample.bytes)).toBe(true)
})

test('a process that comes to an end is said to be lost, and the next call starts another', async () => {
  const disk = diskOf(await program("process.on('message', () => process.exit(1))"))
  expect(await disk.call(closing)).toEqual({ kind: 'lost' })
  expect(await disk.call(closing)).toEqual({ kind: 'lost' })
})

test('the process ends when nothing was asked of it for ten seconds, but not while a file is open', async () => {
  const clock = new ManualClock()
  const answers =
    "{ open: { kind: 'opened', path: '/f', fileBytes: 1, stamp: '' }, look: { kind: 'found', pid: process.pid }, close: { kind: 'closed' } }"
  const disk = diskOf(await program(`process.on('message', ({ kind, number }) => process.send({ number, ...${answers}[kind] }))`), clock)
  const pidOf = async (): Promise<unknown> => Object.entries(await disk.call({ kind: 'look', path: '/' })).find(([name]) => name === 'pid')
  const first = await pidOf()
  clock.advance(9_999)
  expect(await pidOf()).toEqual(first)
  await disk.call({ kind: 'open', file: 1, path: '/f', name: 'f', isSingleFile: true, elements: [] })
  clock.advance(60_000)
  expect(await pidOf()).toEqual(first)
  disk.release(1)
  while (clock.pendingCount === 0) await new Promise((resolve) => setImmediate(resolve))
  clock.advance(10_000)
  expect(await pidOf()).not.toEqual(first)
  disk.close()
  expect(clock.pendingCount).toBe(0)
})

test('a process that cannot be started is said to be lost', async () => {
  expect(await diskOf(pathToFileURL('/nonexistent.cjs')).call(closing)).toEqual({ kind: 'lost' })
})

test('what kept a process from being started goes along', async () => {
  const code = 'ERR_INVALID_URL_SCHEME'
  expect(await diskOf(new URL('http://reader.example/')).call(closing)).toMatchObject({ kind: 'lost', cause: { code } })
})

test('a file that cannot be opened because too many are open is told as that', async () => {
  const clock = new ManualClock()
  const answer = "{ kind: 'failed', path: '/srv/file.bin', code: 'EMFILE' }"
  const disk = diskOf(await program(`process.on('message', ({ number }) => process.send({ number, ...${answer} }))`), clock)
  const timeOuts = { connectMs: 10_000, answerMs: 30_000, silenceMs: 30_000 }
  const { content } = sample
  const seed = new FolderWebSeed({ path: '/srv', content, geometry: new PieceGeometry(content.info), clock, timeOuts, disk })
  onTestFinished(() => seed.close())
  expect((await readRange(seed, 0, 10)).failure).toMatchObject({
    kind: 'unreachable',
    message: '"/srv/file.bin" cannot be read: the limit of open files, ulimit -n, is reached.',
  })
})

test('nothing is left waiting when the disk is closed', async () => {
  const disk = diskOf(await program("process.on('message', () => {})"))
  const call = disk.call(closing)
  disk.close()
  expect(await call).toEqual({ kind: 'lost' })
})

function diskOf(url: URL, clock = new ManualClock()): FolderDisk {
  const disk = new FolderDisk(clock, url)
  onTestFinished(() => disk.close())
  return disk
}

/** A program with this text. */
async function program(text: string): Promise<URL> {
  const path = join(await temporaryFolder(), 'program.cjs')
  await writeFile(path, text)
  return pathToFileURL(path)
}
