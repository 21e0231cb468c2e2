import { execFileSync } from 'node:child_process'
import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { SeededRandom } from '../support/seeded-random.ts'
import { spawnDistro } from '../support/spawn-distro.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { treeListing } from '../support/tree-listing.ts'
import { isInstalled } from './clients/installed.ts'
import { libtorrent } from './clients/libtorrent.ts'
import { qbittorrent } from './clients/qbittorrent.ts'
import { onLoopback } from './content.ts'

const formats = ['v2', 'hybrid'] as const
type Format = (typeof formats)[number]
type Maker = 'distro' | 'libtorrent'

/** Whose torrent it is, and how the fetching side knows it: `magnet` names every info-hash that there is, `btih` and `btmh` one of two. */
const plans = {
  v2: [
    { maker: 'distro', way: 'torrent' },
    { maker: 'distro', way: 'magnet' },
    { maker: 'libtorrent', way: 'torrent' },
    { maker: 'libtorrent', way: 'magnet' },
  ],
  hybrid: [
    { maker: 'distro', way: 'torrent' },
    { maker: 'distro', way: 'magnet' },
    { maker: 'distro', way: 'btih' },
    { maker: 'distro', way: 'btmh' },
    { maker: 'libtorrent', way: 'torrent' },
    { maker: 'libtorrent', way: 'magnet' },
  ],
} as const

const PIECE_BYTES = 32_768
const sizes = {
  'bin/run': 50_000,
  'data/large': 9_000_001,
  'data/piece': PIECE_BYTES,
  'data/same': 50_000,
  empty: 0,
  one: 1,
  'z/é': 16_385,
}

interface Published {
  readonly root: string
  /** The folder above the tree, as libtorrent wants it. */
  readonly holder: string
  readonly tree: string
  readonly torrent: string
  readonly magnet: string
}

/** A tree with everything in it that a torrent carries, and a torrent of it. */
async function published(format: Format, maker: Maker): Promise<Published> {
  const root = await temporaryFolder()
  const [holder, torrent] = [join(root, 'holder'), join(root, 'a.torrent')]
  const tree = join(holder, 'release')
  for (const [path, size] of Object.entries(sizes)) {
    await mkdir(dirname(join(tree, path)), { recursive: true })
    // Two files have the same content, and so the same root.
    await writeFile(join(tree, path), new SeededRandom(size).bytes(size))
  }
  await chmod(join(tree, 'bin/run'), 0o755)
  await symlink('run', join(tree, 'bin/alias'))
  await symlink('../data', join(tree, 'bin/data'))
  const magnet = maker === 'distro' ? await createByDistro(tree, torrent, format) : createByLibtorrent(tree, torrent, format)
  return { root, holder, tree, torrent, magnet }
}

async function createByDistro(tree: string, torrent: string, format: Format): Promise<string> {
  const words = ['create', tree, '-o', torrent, '--format', format, '--piece-length', String(PIECE_BYTES), '--quiet']
  const create = spawnDistro(words)
  expect(await create.exited, create.output).toMatchObject({ code: 0 })
  return create.stdout[0] ?? ''
}

function createByLibtorrent(tree: string, torrent: string, format: Format): string {
  const job = JSON.stringify({ torrent, tree, pieceLength: PIECE_BYTES, format })
  return (
    JSON.parse(execFileSync('/usr/bin/python3', ['test/interop/clients/libtorrent-torrent.py', job]).toString()) as { magnet: string }
  ).magnet
}

/** The word by which a client is told what to fetch. */
function idOf({ torrent, magnet }: Published, way: 'torrent' | 'magnet' | 'btih' | 'btmh'): string {
  if (way === 'torrent') return torrent
  return way === 'magnet' ? magnet : `magnet:?${new RegExp(`xt=urn:${way}:[0-9a-f]+`).exec(magnet)?.[0]}`
}

describe.runIf(isInstalled(libtorrent)).each(formats)('a %s torrent', (format) => {
  test.each(plans[format])('of $maker goes from libtorrent to distro, by $way', async ({ maker, way }) => {
    const content = await published(format, maker)
    const { root, holder, tree, torrent } = content
    const seed = await libtorrent.start({ folder: holder, id: torrent, state: root })
    await seed.finished()
    const words = ['fetch', idOf(content, way), '--out', join(root, 'out'), '--peer', `127.0.0.1:${seed.port}`, '--timeout', '90s']
    const fetch = spawnDistro([...words, ...onLoopback(join(root, 'distro'))])
    expect(await fetch.exited, fetch.output).toMatchObject({ code: 0 })
    expect(treeListing(join(root, 'out/release'))).toEqual(treeListing(tree))
    expect(fetch.events('peer').map(({ kind }) => kind)).not.toContain('banned')
  })

  test.each(plans[format])('of $maker goes from distro to libtorrent, by $way', async ({ maker, way }) => {
    const content = await published(format, maker)
    const { root, tree, torrent } = content
    const out = join(root, 'out')
    await mkdir(out)
    const port = await freePort()
    const seed = spawnDistro(['seed', tree, '--torrent', torrent, ...onLoopback(join(root, 'distro'), port)])
    await seed.event('ready')
    const leech = await libtorrent.start({ folder: out, id: idOf(content, way), peers: [['127.0.0.1', port]], state: root })
    await leech.finished(90_000)
    expect(treeListing(join(out, 'release'))).toEqual(treeListing(tree))
    expect(seed.events('peer').map(({ kind }) => kind)).not.toContain('banned')
  })
})

describe.runIf(isInstalled(libtorrent))('a hybrid torrent in a DHT that distro bootstraps', () => {
  test('is found by a libtorrent that knows its v2 info-hash alone', async () => {
    const content = await published('hybrid', 'distro')
    const { root, tree, torrent } = content
    const out = join(root, 'out')
    await mkdir(out)
    const node = spawnDistro(['dht', '--json', '--bind', '127.0.0.1', '--port', '0', '--state-dir', join(root, 'dht')])
    const address = String((await node.event('listening')).address)
    const seed = spawnDistro(['seed', tree, '--torrent', torrent, ...onLoopback(join(root, 'distro'), 0, address)])
    await seed.event('ready')
    const [host = '', port = ''] = address.split(':')
    const leech = await libtorrent.start({ folder: out, id: idOf(content, 'btmh'), dhtBootstrap: [[host, Number(port)]], state: root })
    await leech.finished(90_000)
    expect(treeListing(join(out, 'release'))).toEqual(treeListing(tree))
  })
})

describe.runIf(isInstalled(qbittorrent)).each(formats)('a %s torrent', (format) => {
  test.each(['torrent', 'magnet'] as const)('goes from distro to qBittorrent, by %s', async (way) => {
    const content = await published(format, 'distro')
    const { root, tree, torrent } = content
    const [out, state] = [join(root, 'out'), join(root, 'client')]
    for (const folder of [out, state]) await mkdir(folder)
    const leech = await qbittorrent.start({ folder: out, id: idOf(content, way), state })
    const words = ['seed', tree, '--torrent', torrent, '--peer', `127.0.0.1:${leech.port}`]
    const seed = spawnDistro([...words, ...onLoopback(join(root, 'distro'))])
    await leech.finished(90_000)
    expect(treeListing(join(out, 'release'))).toEqual(treeListing(tree))
    expect(seed.events('peer').map(({ kind }) => kind)).not.toContain('banned')
  })

  test.each(['torrent', 'magnet'] as const)('goes from qBittorrent to distro, by %s', async (way) => {
    const content = await published(format, 'distro')
    const { root, holder, tree, torrent } = content
    const state = join(root, 'client')
    await mkdir(state)
    const seed = await qbittorrent.start({ folder: holder, id: torrent, state })
    await seed.finished(90_000)
    const words = ['fetch', idOf(content, way), '--out', join(root, 'out'), '--peer', `127.0.0.1:${seed.port}`, '--timeout', '90s']
    const fetch = spawnDistro([...words, ...onLoopback(join(root, 'distro'))])
    expect(await fetch.exited, fetch.output).toMatchObject({ code: 0 })
    expect(treeListing(join(root, 'out/release'))).toEqual(treeListing(tree))
    expect(fetch.events('peer').map(({ kind }) => kind)).not.toContain('banned')
  })
})
