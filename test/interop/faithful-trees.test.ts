import { spawnSync } from 'node:child_process'
import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { spawnDistro } from '../support/spawn-distro.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { treeListing } from '../support/tree-listing.ts'
import { isInstalled } from './clients/installed.ts'
import { libtorrent } from './clients/libtorrent.ts'
import { onLoopback } from './content.ts'

/** A tree with everything in it that a torrent carries beside bytes. */
async function makeTree(root: string): Promise<string> {
  const tree = join(root, 'holder/tree')
  await mkdir(join(tree, 'bin'), { recursive: true })
  await writeFile(join(tree, 'bin/run'), Buffer.alloc(50_000, 'run'))
  await writeFile(join(tree, 'data.bin'), Buffer.alloc(300_000, 'data'))
  await writeFile(join(tree, 'empty'), '')
  await chmod(join(tree, 'bin/run'), 0o755)
  await symlink('run', join(tree, 'bin/alias'))
  await symlink('bin', join(tree, 'current'))
  await symlink('../data.bin', join(tree, 'bin/data'))
  return tree
}

/** Makes `torrent` of `tree` as libtorrent does. */
function createByLibtorrent(tree: string, torrent: string): void {
  const script = `
import sys, libtorrent as lt
tree, path = sys.argv[1:]
storage = lt.file_storage()
flags = lt.create_torrent.v1_only | lt.create_torrent.symlinks
lt.add_files(storage, tree, flags=flags)
made = lt.create_torrent(storage, 16384, flags)
lt.set_piece_hashes(made, tree.rsplit('/', 1)[0])
open(path, 'wb').write(lt.bencode(made.generate()))
`
  const { status, stderr } = spawnSync('/usr/bin/python3', ['-c', script, tree, torrent], { encoding: 'utf8' })
  expect(status, stderr).toBe(0)
}

describe.skipIf(!isInstalled(libtorrent))('libtorrent', () => {
  test('fetches the tree that distro published as it was built', async () => {
    const root = await temporaryFolder()
    const tree = await makeTree(root)
    const torrent = join(root, 'tree.torrent')
    const port = await freePort()
    await mkdir(join(tree, 'no/thing'), { recursive: true })
    const seed = spawnDistro(['seed', tree, '--torrent-out', torrent, ...onLoopback(join(root, 'state'), port)])
    await seed.event('ready')
    await mkdir(join(root, 'copy'))
    const leech = await libtorrent.start({ folder: join(root, 'copy'), id: torrent, peers: [['127.0.0.1', port]], state: root })
    await leech.finished()
    // It passes over what no BEP carries.
    const withoutEmpty = treeListing(tree).filter((line) => !line.startsWith('no'))
    expect(treeListing(join(root, 'copy/tree'))).toEqual(withoutEmpty)
  })

  test('publishes a tree that distro fetches as it was built', async () => {
    const root = await temporaryFolder()
    const tree = await makeTree(root)
    const torrent = join(root, 'tree.torrent')
    createByLibtorrent(tree, torrent)
    const seed = await libtorrent.start({ folder: join(root, 'holder'), id: torrent, state: root })
    await seed.finished()
    const words = ['fetch', torrent, '--out', join(root, 'copy'), '--peer', `127.0.0.1:${seed.port}`, '--timeout', '60s']
    const fetch = spawnDistro([...words, ...onLoopback(join(root, 'state'))])
    expect(await fetch.exited, fetch.output).toEqual({ code: 0, signal: null })
    expect(treeListing(join(root, 'copy/tree'))).toEqual(treeListing(tree))
  })
})
