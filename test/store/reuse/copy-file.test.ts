import { watch } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { FileCopier } from '../../../src/store/reuse/copy-file.ts'
import { type Candidate, candidateAt } from '../../../src/store/reuse/files-below.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

async function candidate(path: string, content: string): Promise<Candidate> {
  await writeFile(path, content)
  const found = await candidateAt(path)
  if (found === undefined) throw new TypeError(`${path} is not there`)
  return found
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
      const copied = await copier.copy({
        candidate: await candidate(join(from, name), `content of ${name}`),
        path: join(to, name),
        lengthBytes: 12,
        ranges: [{ start: 0, end: 12 }],
        isExecutable: false,
        hasAttributes: true,
        mayLink: false,
      })
      expect(copied).toBe('copied')
    }
  })
  expect(counts).toMatchObject({ b: 1, c: 1 })
  for (const name of names) expect(await readFile(join(to, name), 'utf8')).toBe(`content of ${name}`)
})
