import { execFileSync } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { differingPaths } from '../support/differing-paths.ts'
import { writeRandomTree } from '../support/random-tree.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { aria2 } from './clients/aria2.ts'
import type { Client } from './clients/client.ts'
import { isInstalled } from './clients/installed.ts'
import { libtorrent } from './clients/libtorrent.ts'
import { qbittorrent } from './clients/qbittorrent.ts'
import { rtorrent } from './clients/rtorrent.ts'
import { transmission } from './clients/transmission.ts'
import { webtorrent, webtorrentWithoutFast } from './clients/webtorrent.ts'

const others: readonly Client[] = [aria2, transmission, rtorrent, qbittorrent, webtorrent, webtorrentWithoutFast]

// The wrappers of the clients, without distro: when these fail, look at the wrapper and not at distro.
describe.each(others.filter(isInstalled))('the wrapper of $name', (client) => {
  test('seeds to libtorrent', async () => {
    const { torrent, magnet, seedFolder, root } = await content()
    const seed = await client.start({ folder: seedFolder, id: torrent, state: await subfolder(root, 'state') })
    await seed.finished()
    const fetched = await subfolder(root, 'fetched')
    const leech = await libtorrent.start({ folder: fetched, id: magnet, peers: [['127.0.0.1', seed.port]], state: root })
    await leech.finished()
    expect(await differingPaths(join(seedFolder, 'tree'), join(fetched, 'tree'))).toEqual([])
  })

  test.each(['torrent', 'magnet'] as const)('fetches from libtorrent by %s', async (kind) => {
    const { seedFolder, root, ...ids } = await content()
    const fetched = await subfolder(root, 'fetched')
    const leech = await client.start({ folder: fetched, id: ids[kind], state: await subfolder(root, 'state') })
    await libtorrent.start({ folder: seedFolder, id: ids.torrent, peers: [['127.0.0.1', leech.port]], state: root })
    await leech.finished()
    expect(await differingPaths(join(seedFolder, 'tree'), join(fetched, 'tree'))).toEqual([])
  })
})

async function content() {
  const root = await temporaryFolder()
  const seedFolder = await subfolder(root, 'seed')
  await writeRandomTree(join(seedFolder, 'tree'), { seed: 7, files: 12, totalBytes: 5_000_000 })
  const torrent = join(root, 'tree.torrent')
  execFileSync('mktorrent', ['-l', '16', '-o', torrent, join(seedFolder, 'tree')], { stdio: 'ignore' })
  const info = execFileSync('/usr/bin/python3', [
    '-c',
    `import libtorrent, sys; print(libtorrent.torrent_info(sys.argv[1]).info_hash())`,
    torrent,
  ])
  return { root, seedFolder, torrent, magnet: `magnet:?xt=urn:btih:${info.toString().trim()}` }
}

async function subfolder(root: string, name: string): Promise<string> {
  const path = join(root, name)
  await mkdir(path, { recursive: true })
  return path
}
