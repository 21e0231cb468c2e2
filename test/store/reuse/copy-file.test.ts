import { watch } from 'node:fs'
import { appendFile, lstat, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { stampOf } from '../../../src/store/file-stamp.ts'
import { FileCopier, type FileCopy } from '../../../src/store/reuse/copy-file.ts'
import { type Candidate, candidatesBelow } from '../../../src/store/reuse/files-below.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

async function candidate(path: string, content: string): Promise<Candidate> {
  await writeFile(path, content)
  const [found] = await candidatesBelow(path, [path])
  if (found === undefined) throw new TypeError(`${path} is not there`)
  return found
}

/** A copy of all of `from` to `path`, unless said otherwise. */
async function copyTo(path: string, from: Candidate, changes: Partial<FileCopy> = {}): Promise<FileCopy> {
  const { lengthBytes } = from.stamp
  return {
    candidate: from,
    path,
    lengthBytes,
    ranges: [{ start: 0, end: lengthBytes }],
    isExecutable: false,
    mayLink: false,
    isBegun: false,
    ...changes,
  }
}

/** How often a name in `folder` came or went, until `work` is done. */
async function namesChanged(folder: string, work: () => Promise<void>): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  const watcher = watch(folder)
  const isOver = new Promise<void>((resolve) => {
    watcher.on('change', (kind, name) => {
      if (name === 'end') resolve()
      else if (kind === 'rename') counts[String(name)] = (counts[String(name)] ?? 0) + 1
    })
  })
  try {
    await work()
    await writeFile(join(folder, 'end'), '')
    await isOver
  } finally {
    watcher.close()
  }
  return counts
}

it('makes each file once after the first, also where the file system cannot share blocks', async () => {
  const [from, to] = [await temporaryFolder(), await temporaryFolder()]
  const copier = new FileCopier()
  const names = ['a', 'b', 'c']
  const counts = await namesChanged(to, async () => {
    for (const name of names) {
      const copied = copier.copy(await copyTo(join(to, name), await candidate(join(from, name), `content of ${name}`)))
      expect(copied?.how).toBe('copied')
    }
  })
  expect(counts).toMatchObject({ b: 1, c: 1 })
  for (const name of names) expect(await readFile(join(to, name), 'utf8')).toBe(`content of ${name}`)
})

it('copies what is wanted of a file and nothing else, with the mode of a file that was made here, and says what came of it', async () => {
  const [from, to] = [await temporaryFolder(), await temporaryFolder()]
  const ranges = [
    { start: 2, end: 4 },
    { start: 6, end: 8 },
  ]
  const found = await candidate(join(from, 'a'), '0123456789')
  const copied = new FileCopier().copy(await copyTo(join(to, 'a'), found, { lengthBytes: 8, ranges, isExecutable: true }))
  const stats = await lstat(join(to, 'a'), { bigint: true })
  expect(copied).toEqual({ how: 'copied', stamp: stampOf(stats) })
  expect([stats.size, stats.mode & 0o100n]).toEqual([8n, 0o100n])
  const bytes = await readFile(join(to, 'a'), 'latin1')
  expect([bytes.slice(2, 4), bytes.slice(6, 8)]).toEqual(['23', '67'])
})

it.each([
  ['written to', (path: string): Promise<void> => appendFile(path, 'more')],
  ['replaced', (path: string): Promise<void> => writeFile(`${path}.new`, 'content').then(() => rename(`${path}.new`, path))],
  ['removed', (path: string): Promise<void> => rm(path)],
])('leaves nothing of a file that was %s after it was hashed', async (_how, change) => {
  const [from, to] = [await temporaryFolder(), await temporaryFolder()]
  const found = await candidate(join(from, 'a'), 'content')
  await change(found.path)
  for (const mayLink of [true, false]) expect(new FileCopier().copy(await copyTo(join(to, 'a'), found, { mayLink }))).toBe(undefined)
  expect(await readdir(to)).toEqual([])
})

it('copies again over what a worker that died had begun to copy', async () => {
  const [from, to] = [await temporaryFolder(), await temporaryFolder()]
  const found = await candidate(join(from, 'a'), 'content')
  await writeFile(join(to, 'a'), 'conXXXXXXXXX')
  expect(new FileCopier().copy(await copyTo(join(to, 'a'), found))?.how).toBe('copied')
  expect(await readFile(join(to, 'a'), 'utf8')).toBe('content')
})

it('links a file where it may', async () => {
  const [from, to] = [await temporaryFolder(), await temporaryFolder()]
  const found = await candidate(join(from, 'a'), 'content')
  const linked = new FileCopier().copy(await copyTo(join(to, 'whole'), found, { mayLink: true }))
  expect(linked).toEqual({ how: 'linked', stamp: stampOf(await lstat(found.path, { bigint: true })) })
})

it('says why a copy cannot be made', async () => {
  const from = await temporaryFolder()
  const found = await candidate(join(from, 'a'), 'content')
  const copy = await copyTo(join(from, 'n'.repeat(300)), found)
  expect(() => new FileCopier().copy(copy)).toThrow(expect.objectContaining({ code: 'ENAMETOOLONG' }))
})
