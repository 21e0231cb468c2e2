import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { encodeKnownTree, type KnownTree } from '../../../src/store/reuse/known-tree.ts'
import { KnownTrees } from '../../../src/store/reuse/known-trees.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

let folder: string
let nowMs: number
let trees: KnownTrees

beforeEach(async () => {
  folder = join(await temporaryFolder(), 'state/known-trees')
  nowMs = Date.now()
  trees = new KnownTrees(folder, () => nowMs++)
})

function tree(number: number, changes: Partial<KnownTree> = {}): Omit<KnownTree, 'notedMs'> {
  return {
    infoHashes: [new Uint8Array(20).fill(number)],
    place: `/srv/${number}`,
    isSingleFile: false,
    files: [{ path: 'app', lengthBytes: number + 1, root: undefined }],
    hints: { similar: [], collections: [] },
    ...changes,
  }
}

async function places(known: KnownTrees = trees): Promise<string[]> {
  return (await known.all()).map(({ place }) => place)
}

describe('the trees that a host is known to hold', () => {
  it('are none before the first is noted, and nothing is made for looking', async () => {
    expect(await trees.all()).toEqual([])
    expect(() => statSync(folder)).toThrow()
  })

  it('are told the newest first, to others with the same folder too', async () => {
    for (const number of [1, 3, 2]) await trees.note(tree(number))
    expect(await places()).toEqual(['/srv/2', '/srv/3', '/srv/1'])
    expect(await places(new KnownTrees(folder, Date.now))).toEqual(['/srv/2', '/srv/3', '/srv/1'])
    expect(statSync(folder).mode & 0o777).toBe(0o700)
    expect(readdirSync(folder).map((name) => statSync(join(folder, name)).mode & 0o777)).toEqual([0o600, 0o600, 0o600])
  })

  it('are known once for each place: what was there before is forgotten, and one tree may stand at several', async () => {
    await trees.note(tree(1))
    await trees.note(tree(1, { place: '/srv/copy' }))
    await trees.note(tree(2, { place: '/srv/1' }))
    const known = await trees.all()
    expect(known.map(({ place, infoHashes }) => [place, infoHashes[0]?.[0]])).toEqual([
      ['/srv/1', 2],
      ['/srv/copy', 1],
    ])
  })

  it('lose the files that are gone, and end with the last of them', async () => {
    const files = ['a', 'b', 'c'].map((path) => ({ path, lengthBytes: 1, root: undefined }))
    await trees.note(tree(1, { files }))
    const [whole] = await trees.all()
    await trees.forget(whole as KnownTree, new Set(whole?.files.slice(0, 2)))
    const [rest, ...others] = await trees.all()
    expect([rest?.files, rest?.notedMs, others]).toEqual([files.slice(2), whole?.notedMs, []])
    await trees.forget(rest as KnownTree, new Set(rest?.files))
    expect(readdirSync(folder)).toEqual([])
  })

  it('are 128 at most, of which the oldest leave', async () => {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    for (let number = 0; number < 140; number++) {
      await trees.note(tree(number))
      for (const name of readdirSync(folder)) if (name.startsWith('00')) utimesSync(join(folder, name), 1, 1)
    }
    const known = await places()
    expect(known).toHaveLength(128)
    expect(known).not.toContain('/srv/0')
    expect(known[0]).toBe('/srv/139')
  })

  it('take no more room than is theirs', async () => {
    const files = (letter: string) =>
      Array.from({ length: 800 }, (_, index) => ({ path: `${letter.repeat(4_000)}${index}`, lengthBytes: 1, root: undefined }))
    for (const number of [1, 2, 3, 4, 5, 6]) await trees.note(tree(number, { files: files('a') }))
    const kept = readdirSync(folder).map((name) => statSync(join(folder, name)).size)
    expect(kept).toHaveLength(5)
    expect(await places()).toContain('/srv/6')
    await trees.note(tree(7, { files: [...files('a'), ...files('b')] }))
    expect(await places()).not.toContain('/srv/7')
  })

  it('are not disturbed by whatever else is in the folder', async () => {
    await trees.note(tree(1))
    const [name = ''] = readdirSync(folder)
    const other = (digit: string): string => join(folder, `${digit.repeat(40)}${name.slice(40)}`.replace(/-./, `-${digit}`))
    writeFileSync(other('a'), 'garbage')
    writeFileSync(other('b'), '')
    mkdirSync(other('c'))
    symlinkSync(join(folder, name), other('d'))
    symlinkSync('/dev/zero', other('e'))
    writeFileSync(other('f'), encodeKnownTree({ ...tree(9), notedMs: 1 }).subarray(5))
    writeFileSync(join(folder, 'README'), 'of somebody else')
    writeFileSync(other('9'), '')
    truncateSync(other('9'), 8_000_000_000)
    expect(await places()).toEqual(['/srv/1'])
    await trees.note(tree(2))
    expect(await places()).toEqual(['/srv/2', '/srv/1'])
    expect(readFileSync(join(folder, 'README'), 'utf8')).toBe('of somebody else')
  })

  it('clear away what killed runs left, and only that', async () => {
    await trees.note(tree(1))
    const drafts = ['0', '1'].map((digit) => join(folder, `draft-${digit.repeat(8)}-0000-4000-8000-000000000000`))
    for (const draft of drafts) writeFileSync(draft, 'half a')
    utimesSync(drafts[0] ?? '', 1, 1)
    await trees.note(tree(2))
    expect(
      readdirSync(folder)
        .filter((name) => name.startsWith('draft'))
        .map((name) => join(folder, name)),
    ).toEqual(drafts.slice(1))
  })

  it('are noted by many at once', async () => {
    const runs = Array.from({ length: 20 }, () => new KnownTrees(folder, Date.now))
    await Promise.all(runs.map((run, number) => run.note(tree(number))))
    expect((await places()).sort()).toEqual(runs.map((_, number) => `/srv/${number}`).sort())
    expect(readdirSync(folder)).toHaveLength(20)
  })

  it('cost nothing but themselves where the folder cannot be had', async () => {
    mkdirSync(join(folder, '..'), { recursive: true })
    writeFileSync(folder, 'a file')
    await trees.note(tree(1))
    expect(await trees.all()).toEqual([])
    await trees.forget({ ...tree(1), notedMs: 1 }, new Set())
    rmSync(folder)
    symlinkSync('/', folder)
    expect(await trees.all()).toEqual([])
  })

  it('do not count a tree without content', async () => {
    await trees.note(tree(1, { files: [] }))
    expect(await trees.all()).toEqual([])
  })
})
