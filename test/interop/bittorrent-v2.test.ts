import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { summarize } from '../../src/app/resolve/info.ts'
import { toHex } from '../../src/base/bytes.ts'
import { formatMagnet, parseMagnet } from '../../src/torrent/magnet.ts'
import { decodeMetainfo } from '../../src/torrent/metainfo.ts'
import { differingPaths } from '../support/differing-paths.ts'
import { freePort } from '../support/free-port.ts'
import { SeededRandom } from '../support/seeded-random.ts'
import { spawnDistro } from '../support/spawn-distro.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { buildTorrent } from '../torrent/build-v2.ts'
import { askLibtorrent, type TheirView } from './clients/ask-libtorrent.ts'
import { isInstalled } from './clients/installed.ts'
import { libtorrent } from './clients/libtorrent.ts'
import { qbittorrent } from './clients/qbittorrent.ts'
import { rtorrent } from './clients/rtorrent.ts'
import { webtorrent } from './clients/webtorrent.ts'
import { onLoopback } from './content.ts'

const formats = ['v2', 'hybrid'] as const
const lengths = {
  empty: 0,
  'a/one byte': 1,
  'a/block': 16_384,
  'a/block and a byte': 16_385,
  'a.b': 65_537,
  'z/é/large': 1_000_003,
  same: 65_537,
}
const contents = Object.entries(lengths).map(([path, length], index) => ({
  path: path.split('/'),
  // Two files have the same content, and so the same root.
  content: new SeededRandom(length === 65_537 ? 1 : index + 2).bytes(length),
}))

/** The folder `release` with the files. */
async function published(): Promise<{ root: string; holder: string; tree: string; torrent: string }> {
  const root = await temporaryFolder()
  const holder = join(root, 'holder')
  const tree = join(holder, 'release')
  for (const { path, content } of contents) {
    await mkdir(dirname(join(tree, ...path)), { recursive: true })
    await writeFile(join(tree, ...path), content)
  }
  return { root, holder, tree, torrent: join(root, 'a.torrent') }
}

function expectSameView(bytes: Uint8Array, theirs: TheirView): void {
  const { infoHash, infoHashV2, magnet, files } = summarize(decodeMetainfo(bytes))
  expect({ v1: infoHash, v2: infoHashV2, magnet }).toEqual({ v1: theirs.v1, v2: theirs.v2, magnet: theirs.magnet })
  expect(files.map(({ path, lengthBytes, piecesRoot }) => [path, lengthBytes, piecesRoot])).toEqual(theirs.files)
  const read = parseMagnet(theirs.magnet)
  const hexOf = (hash: Uint8Array | undefined): string | null => (hash === undefined ? null : toHex(hash))
  expect([hexOf(read.infoHash), hexOf(read.infoHashV2)]).toEqual([theirs.v1, theirs.v2])
}

describe.each(isInstalled(libtorrent) ? formats : [])('a %s torrent', (format) => {
  test.each([16_384, 65_536, 1_048_576])('of libtorrent with pieces of %i bytes is read as libtorrent reads it', async (pieceLength) => {
    const { tree, torrent } = await published()
    const theirs = askLibtorrent({ torrent, tree, pieceLength, format })
    expectSameView(await readFile(torrent), theirs)
  })

  test.each([16_384, 65_536, 1_048_576])('of our own tests with pieces of %i bytes is read by libtorrent as by us', async (pieceLength) => {
    const torrent = join(await temporaryFolder(), 'a.torrent')
    const { bytes } = buildTorrent(contents, pieceLength, format)
    await writeFile(torrent, bytes)
    expectSameView(bytes, askLibtorrent({ torrent }))
  })

  test('that libtorrent seeds is shown by its magnet', async () => {
    const { root, holder, tree, torrent } = await published()
    const { magnet, v2 } = askLibtorrent({ torrent, tree, pieceLength: 16_384, format })
    const seed = await libtorrent.start({ folder: holder, id: torrent, state: root })
    await seed.finished()
    const words = ['info', magnet, '--peer', `127.0.0.1:${seed.port}`, '--timeout', '60s']
    const info = spawnDistro([...words, ...onLoopback(join(root, 'distro'))])
    expect(await info.exited, info.output).toMatchObject({ code: 0 })
    expect(info.stdout.join('\n')).toContain(`"format":"${format}"`)
    expect(info.stdout.join('\n')).toContain(`"infoHashV2":"${v2}"`)
  })
})

// aria2 1.36 and Transmission 3.00 drop the empty keys of a file tree or stumble over them: see docs/formats.md.
const ableClients = [webtorrent, rtorrent, qbittorrent]

describe.each(ableClients.filter(isInstalled))('$name', (client) => {
  test.each(['magnet of v1', '.torrent'])('fetches a hybrid torrent from distro, by its %s', async (kind) => {
    const { root, tree, torrent } = await published()
    await writeFile(torrent, buildTorrent(contents, 65_536, 'hybrid').bytes)
    const { infoHash } = decodeMetainfo(await readFile(torrent))
    const magnet = formatMagnet({ infoHash })
    const [out, state] = [join(root, 'out'), join(root, 'client')]
    for (const folder of [out, state]) await mkdir(folder)
    const port = await freePort()
    const leech = await client.start({ folder: out, id: kind === '.torrent' ? torrent : magnet, peers: [['127.0.0.1', port]], state })
    const words = ['seed', tree, '--torrent', torrent, '--peer', `127.0.0.1:${leech.port}`]
    const seed = spawnDistro([...words, ...onLoopback(join(root, 'distro'), port)])
    expect((await seed.event('ready')).magnet).toContain(magnet)
    await leech.finished(90_000)
    // Clients that do not know padding write it out.
    await rm(join(out, 'release/.pad'), { recursive: true, force: true })
    expect(await differingPaths(tree, join(out, 'release'))).toEqual([])
  })
})
