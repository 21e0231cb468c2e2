import { execFileSync } from 'node:child_process'
import { chmod, mkdir, rename, symlink, truncate, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, test } from 'vitest'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { openSeed } from '../support/open-seed.ts'
import { readRange } from '../support/read-range.ts'
import { folder, type Sample, singleFile } from '../support/sample-content.ts'

const tree = folder('tree', [
  ['a', 700_000],
  [undefined, 100],
  ['sub/b c', 1_000_000],
])
const single = singleFile('file.bin', 100_000)

describe('a folder as a web seed', () => {
  test.each(['', 'tree', 'sub'])('gives what lies in it, or in it under its name', async (below) => {
    const root = await temporaryFolder()
    await write(join(root, below === 'tree' ? '' : below, 'tree'), tree)
    const seed = openSeed(join(root, below), tree)
    const { bytes, failure } = await readRange(seed, 10, tree.bytes.length - 20)
    expect(failure).toBeUndefined()
    expect(bytes.equals(tree.bytes.subarray(10, -10))).toBe(true)
    expect(seed.label).toBe(join(root, below))
  })

  test.each(['', 'file.bin'])('gives a single file in it, or the file that was named', async (below) => {
    const root = await temporaryFolder()
    await writeFile(join(root, 'file.bin'), single.bytes)
    const { bytes, failure } = await readRange(openSeed(join(root, below), single), 5, 99_000)
    expect(failure).toBeUndefined()
    expect(bytes.equals(single.bytes.subarray(5, 99_005))).toBe(true)
  })

  test('may be named by a file URL or by a relative path', async () => {
    const root = join(await temporaryFolder(), 'with space #')
    await write(join(root, 'tree'), tree)
    for (const text of [`${pathToFileURL(root)}`, './with space #', `../${root.split('/').at(-2)}/with space #/`]) {
      const { failure } = await readRange(openSeed(text, tree, { cwd: dirname(root) }), 0, 1_000)
      expect(failure).toBeUndefined()
    }
  })

  test('waits while it is paused, and hears nothing when it is cancelled', async () => {
    const root = await temporaryFolder()
    await write(join(root, 'tree'), tree)
    const chunks: Buffer[] = []
    const failure = await new Promise((resolve) => {
      const read = openSeed(root, tree).read(
        { begin: 0, lengthBytes: tree.bytes.length },
        {
          onBytes(bytes) {
            chunks.push(Buffer.from(bytes))
            read.pause()
            setImmediate(() => read.resume())
          },
          onEnd: resolve,
        },
      )
    })
    expect(failure).toBeUndefined()
    expect(Buffer.concat(chunks).equals(tree.bytes)).toBe(true)
    const heard: unknown[] = []
    const seed = openSeed(root, tree)
    await new Promise<void>((resolve) => {
      const read = seed.read(
        { begin: 0, lengthBytes: tree.bytes.length },
        {
          onBytes(bytes) {
            heard.push(bytes.length)
            read.cancel()
            resolve()
          },
          onEnd: (end) => void heard.push(end),
        },
      )
    })
    expect((await readRange(seed, 0, tree.bytes.length)).failure).toBeUndefined()
    expect(heard.length).toBe(1)
  })

  test('says so when a file is not there, is no file, or has another length', async () => {
    const root = await temporaryFolder()
    await mkdir(join(root, 'tree', 'a'), { recursive: true })
    const missing = await readRange(openSeed(root, tree), 700_100, 10)
    expect(missing.failure).toMatchObject({ kind: 'missing', isFinal: false, lacks: { begin: 700_100, lengthBytes: 1_000_000 } })
    expect(missing.failure?.message).toContain('sub/b c')
    const noFile = { kind: 'missing', isFinal: false, lacks: { begin: 0, lengthBytes: 700_000 } }
    expect((await readRange(openSeed(root, tree), 0, 10)).failure).toMatchObject(noFile)
    expect((await readRange(openSeed(root, single), 0, 10)).failure).toMatchObject({ kind: 'missing', isFinal: true })
    await writeFile(join(root, 'file.bin'), 'short')
    const changed = await readRange(openSeed(root, single), 0, 10)
    expect(changed.failure).toMatchObject({ kind: 'changed', isFinal: true })
    expect(changed.failure?.message).toContain('5 bytes instead of 100000')
  })

  test('does not wait for a pipe', async () => {
    const root = await temporaryFolder()
    execFileSync('mkfifo', [join(root, 'file.bin')])
    expect((await readRange(openSeed(root, single), 0, 10)).failure).toMatchObject({ kind: 'missing' })
  })

  test('says so when a file is replaced or cut short between two reads', async () => {
    const root = await temporaryFolder()
    const path = join(root, 'file.bin')
    await writeFile(path, single.bytes)
    const seed = openSeed(root, single)
    expect((await readRange(seed, 0, 10)).failure).toBeUndefined()
    await writeFile(join(root, 'new'), single.bytes)
    await rename(join(root, 'new'), path)
    expect((await readRange(seed, 0, 10)).failure).toMatchObject({ kind: 'changed', isFinal: false })
    expect((await readRange(seed, 0, 10)).failure).toBeUndefined()
    await truncate(path, 50)
    expect((await readRange(seed, 0, 10)).failure).toMatchObject({ kind: 'changed', isFinal: true })
  })

  test('follows no link that leads out of it', async () => {
    const root = await temporaryFolder()
    const outside = await temporaryFolder()
    await write(join(outside, 'tree'), tree)
    await mkdir(join(root, 'tree'))
    await symlink(join(outside, 'tree', 'a'), join(root, 'tree', 'a'))
    await symlink(join(outside, 'tree', 'sub'), join(root, 'tree', 'sub'))
    const seed = openSeed(root, tree)
    expect((await readRange(seed, 0, 10)).failure).toMatchObject({ kind: 'refused', isFinal: true })
    expect((await readRange(seed, 700_100, 10)).failure).toMatchObject({ kind: 'refused', isFinal: true })
  })

  test('may itself be reached through a link', async () => {
    const root = await temporaryFolder()
    await write(join(root, 'real', 'tree'), tree)
    await symlink(join(root, 'real'), join(root, 'link'))
    expect((await readRange(openSeed(join(root, 'link'), tree), 0, 10)).failure).toBeUndefined()
  })

  test.skipIf(process.getuid?.() === 0)('says so when a file may not be read', async () => {
    const root = await temporaryFolder()
    await writeFile(join(root, 'file.bin'), single.bytes)
    await chmod(join(root, 'file.bin'), 0o000)
    expect((await readRange(openSeed(root, single), 0, 10)).failure).toMatchObject({ kind: 'denied', isFinal: true })
  })
})

async function write(root: string, { content, fileBytes }: Sample): Promise<void> {
  for (const { path, kind } of content.info.files) {
    if (kind === 'padding') continue
    await mkdir(dirname(join(root, ...path)), { recursive: true })
    await writeFile(join(root, ...path), fileBytes(path.join('/')))
  }
}
