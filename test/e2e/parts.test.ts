import { chmod, mkdir, readdir, symlink, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { writeFiles } from '../app/support/write-files.ts'
import { differingPaths } from '../support/differing-paths.ts'
import { spawnDistro } from '../support/spawn-distro.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { treeListing } from '../support/tree-listing.ts'
import { closedOff } from './support/publication.ts'

it.each(['v1', 'v2', 'hybrid'])('a tree that is fetched in parts costs each byte once, and is what was published; %s', async (format) => {
  const root = await temporaryFolder()
  const tree = await writeFiles(join(root, 'tree'), { a: 100_000, 'sub/b': 70_000, 'sub/c.log': 50_000, 'bin/run': 20, nil: 0 })
  await chmod(join(tree, 'bin/run'), 0o750)
  await symlink('../a', join(tree, 'sub/link'))
  await mkdir(join(tree, 'sub/empty'))
  await utimes(join(tree, 'a'), 1_000_000_000, 1_000_000_000)
  const torrent = join(root, 'tree.torrent')
  const settings = ['--format', format, '--piece-length', '64K', '--modes', '--mtimes']
  const create = spawnDistro(['create', tree, '-o', torrent, ...settings])
  expect(await create.exited, create.output).toEqual({ code: 0, signal: null })
  const verified = async (folder: string): Promise<void> => {
    const verify = spawnDistro(['verify', torrent, folder])
    expect(await verify.exited, verify.output).toEqual({ code: 0, signal: null })
  }
  await verified(tree)
  const source = ['--web-seed', root, '--web-seed-delay', '0s', '--state-dir', join(root, 'state'), '--out', join(root, 'out')]
  let downloaded = 0
  for (const words of [['--select', 'a'], ['--select', '*.log', '--select', 'bin/*'], ['--select', 'a'], []]) {
    const fetch = spawnDistro(['fetch', torrent, '--json', ...source, ...closedOff, ...words], { env: { HOME: root } })
    expect(await fetch.exited, fetch.output).toEqual({ code: 0, signal: null })
    downloaded += Number(fetch.events('done')[0]?.downloaded)
  }
  const placed = join(root, 'out/tree')
  expect(downloaded).toBe(220_020)
  expect(await differingPaths(tree, placed)).toEqual([])
  expect(treeListing(placed)).toEqual(treeListing(tree))
  expect(await readdir(join(root, 'out'))).toEqual(['tree'])
  await verified(placed)
})
