import { createHash } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { formatMagnet } from '../../src/torrent/magnet.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { until } from '../support/until.ts'
import { RealHost } from '../swarm/support/real-host.ts'
import { TestTorrent } from '../swarm/support/test-torrent.ts'
import { buildTorrent } from '../torrent/build-v2.ts'
import { isInstalled } from './clients/installed.ts'
import type { PeerScriptEvent } from './clients/json-client.ts'
import { libtorrent } from './clients/libtorrent.ts'

type Format = 'v2' | 'hybrid'

/** One file as a torrent that real clients read. */
class RealTorrent extends TestTorrent {
  override readonly infoBytes: Uint8Array
  override readonly infoHash: Uint8Array
  readonly file: Uint8Array

  constructor(totalBytes: number, pieceLengthBytes: number, format: Format) {
    super(totalBytes, pieceLengthBytes)
    const { bytes, info } = buildTorrent([{ path: ['d', 'a'], content: this.content }], pieceLengthBytes, format)
    this.file = bytes
    this.infoBytes = info
    const infoHashV2 = createHash('sha256').update(info).digest()
    this.infoHash = format === 'v2' ? infoHashV2.subarray(0, 20) : createHash('sha1').update(info).digest()
  }

  override servedBytes(): number {
    return this.pieceLengthBytes
  }

  get magnet(): string {
    return formatMagnet({ infoHashV2: this.infoHashV2 })
  }
}

/** Folders with the torrent, and with its content as `release/d/a`. */
async function published(torrent: RealTorrent): Promise<{ root: string; holder: string; torrentFile: string; out: string }> {
  const root = await temporaryFolder()
  const [holder, out, torrentFile] = [join(root, 'holder'), join(root, 'out'), join(root, 'a.torrent')]
  await mkdir(join(holder, 'release', 'd'), { recursive: true })
  await mkdir(out)
  await writeFile(join(holder, 'release', 'd', 'a'), torrent.content)
  await writeFile(torrentFile, torrent.file)
  return { root, holder, torrentFile, out }
}

// The layer of 1,025 pieces ends with one hash behind two whole stretches; where a piece is one block it is the leaves themselves.
describe.runIf(isInstalled(libtorrent)).each<[Format, number, number]>([
  ['v2', 1_025, 16_384],
  ['v2', 700, 32_768],
  ['v2', 3, 65_536],
  ['hybrid', 600, 32_768],
])('the hashes of a %s torrent of %i pieces of %i bytes', (format, pieces, pieceLengthBytes) => {
  const torrent = new RealTorrent(pieces * pieceLengthBytes - 1_234, pieceLengthBytes, format)

  test('come from libtorrent', async () => {
    const { root, holder, torrentFile } = await published(torrent)
    const seed = await libtorrent.start({ folder: holder, id: torrentFile, state: root })
    await seed.finished()
    const trees = torrent.trees(false)
    const leech = await RealHost.start(torrent, { host: '127.0.0.5', trees, startsWithoutMetadata: true })
    leech.swarm.addPeers([{ host: '127.0.0.1', port: seed.port }], 'static')
    await until('content', async () => (leech.swarm.status().bytesDone === torrent.content.length ? true : undefined))
    expect(trees.isComplete).toBe(true)
    expect(Buffer.compare(leech.store.content, torrent.content)).toBe(0)
    expect(leech.peerEvents.filter(({ kind }) => kind === 'disconnected' || kind === 'banned')).toEqual([])
  })

  test('go to libtorrent, which knows the magnet', async () => {
    const { root, out } = await published(torrent)
    const seed = await RealHost.start(torrent, { host: '127.0.0.5', verified: 'all', trees: torrent.trees() })
    const peers = [[seed.address.host, seed.address.port]] as const
    const leech = await libtorrent.start({ folder: out, id: torrent.magnet, peers, state: root })
    await leech.finished()
    expect(Buffer.compare(await readFile(join(out, 'release', 'd', 'a')), torrent.content)).toBe(0)
    expect(seed.peerEvents.filter(({ kind }) => kind === 'banned')).toEqual([])
  })
})

describe.runIf(isInstalled(libtorrent))('libtorrent among an honest host and one that lies', () => {
  test('has everything in the end, bans the liar, and takes the hashes of both', async () => {
    const torrent = new RealTorrent(64 * 65_536 - 1_234, 65_536, 'v2')
    const { root, out } = await published(torrent)
    const trees = torrent.trees()
    const falsify = (piece: number, begin: number, bytes: Uint8Array): void => {
      if (piece % 2 === 0 && begin === 0) bytes[0] = (bytes[0] as number) ^ 255
    }
    const honest = await RealHost.start(torrent, { host: '127.0.0.5', verified: 'all', trees, upLimit: 1_000_000 })
    const liar = await RealHost.start(torrent, { host: '127.0.0.6', verified: 'all', trees: torrent.trees(), falsify, upLimit: 1_000_000 })
    const peers = [honest, liar].map(({ address }) => [address.host, address.port] as const)
    const leech = await libtorrent.start({ folder: out, id: torrent.magnet, peers, state: root })
    await leech.finished()
    expect(Buffer.compare(await readFile(join(out, 'release', 'd', 'a')), torrent.content)).toBe(0)
    // The liar's blocks are wrong, not its hashes. Whether the honest one stays is not asked: a piece that the liar began and the honest one finished
    // is laid to the charge of the honest one by libtorrent 2.0.8 once the liar is banned.
    const parted = leech.child.stdout.filter((line) => line.includes('"parted"')).map((line) => JSON.parse(line) as PeerScriptEvent)
    expect(parted.filter(({ reason }) => reason === 'too many corrupt pieces').map(({ host }) => host)).toContain(liar.address.host)
    expect(parted.filter(({ reason }) => /hash/.test(String(reason)))).toEqual([])
  })
})
