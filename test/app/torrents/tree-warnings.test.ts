import { mkdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { treeWarnings } from '../../../src/app/torrents/tree-warnings.ts'
import { type WalkOptions, walkTree } from '../../../src/store/tree-walker.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { writeFiles } from '../support/write-files.ts'

/** What is said of a tree with these links, from path to text. */
async function warningsOf(links: Readonly<Record<string, string>>, options: WalkOptions = {}, saysIdle = true): Promise<readonly string[]> {
  const root = await writeFiles(join(await temporaryFolder(), 'tree'), { a: 1, 'sub/deep/b': 1 })
  await mkdir(join(root, 'empty'))
  for (const [path, text] of Object.entries(links)) await symlink(text, join(root, path))
  return treeWarnings(await walkTree(root, options), saysIdle)
}

describe('what is told of a tree that is to be published', () => {
  it('is nothing where all links lead to what is published, over other links too', async () => {
    const links = { file: 'a', folder: 'sub', empty2: 'empty', over: 'folder/deep/b', 'sub/up': '../a', 'sub/deep/own': '..' }
    expect(await warningsOf(links)).toEqual([])
  })

  it('names links that lead to nothing, and says what comes of them', async () => {
    expect(await warningsOf({ broken: 'no/where', fine: 'a' })).toEqual([
      'Links that lead to nothing that is published: "broken" (to "no/where"). ' +
        'They are published as links, and lead to nothing where the tree is fetched.',
    ])
  })

  it('names three of them, and counts those that go in a circle, or to what is left out', async () => {
    const links = { 'a-out': 'sub/deep/b', 'b-self': 'b-self', 'c-round': 'd-round', 'd-round': 'c-round', 'e-past': 'a/x' }
    expect(await warningsOf(links, { exclude: ['sub'] })).toEqual([
      expect.stringContaining(
        'published: "a-out" (to "sub/deep/b"), "b-self" (to "b-self"), "c-round" (to "d-round") and 2 more. They are',
      ),
    ])
  })

  it('names exclusions that match nothing, where they are meant for this tree', async () => {
    const exclude = ['*.map', 'a', '*.log', 'x', 'y']
    expect(await warningsOf({}, { exclude })).toEqual([
      'Nothing that would be published matches --exclude "*.map", "*.log", "x" and 1 more.',
    ])
    expect(await warningsOf({}, { exclude }, false)).toEqual([])
  })
})
