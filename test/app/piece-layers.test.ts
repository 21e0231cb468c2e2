import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { VerbEvents } from '../../src/app/events.ts'
import { Participation } from '../../src/app/network/participation.ts'
import { toHex } from '../../src/base/bytes.ts'
import { Events } from '../../src/base/events.ts'
import { systemClock } from '../../src/base/system-clock.ts'
import { contentStamps } from '../../src/store/content-stamps.ts'
import { SeedStore } from '../../src/store/seed-store.ts'
import { shortInfoHash } from '../../src/torrent/info-hash.ts'
import { formatMagnet } from '../../src/torrent/magnet.ts'
import { decodeMetainfo } from '../../src/torrent/metainfo.ts'
import { PieceGeometry } from '../../src/torrent/piece-geometry.ts'
import { differingPaths } from '../support/differing-paths.ts'
import { SeededRandom } from '../support/seeded-random.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { buildTorrent } from '../torrent/build-v2.ts'
import { loopback } from './support/loopback-request.ts'
import { startFetch, startSeed } from './support/running-verb.ts'

const sizes = { 'a/large': 100_001, 'a/piece': 32_768, b: 300, empty: 0, 'z/larger': 1_500_000 }

/** The folder `release`, a .torrent of it with and one without piece layers, and its info-hashes. */
async function published(format: 'v2' | 'hybrid') {
  const folder = await temporaryFolder()
  const tree = join(folder, 'release')
  const files = Object.entries(sizes).map(([path, size], index) => ({
    path: path.split('/'),
    content: new SeededRandom(index).bytes(size),
  }))
  for (const { path, content } of files) {
    await mkdir(dirname(join(tree, ...path)), { recursive: true })
    await writeFile(join(tree, ...path), content)
  }
  const { bytes, info } = buildTorrent(files, 32_768, format)
  const [torrent, bare] = [join(folder, 'a.torrent'), join(folder, 'bare.torrent')]
  await writeFile(torrent, bytes)
  await writeFile(bare, Buffer.concat([Buffer.from('d4:info'), info, Buffer.from('e')]))
  const metainfo = decodeMetainfo(bytes)
  const infoHashV2 = metainfo.v2?.infoHash ?? new Uint8Array()
  return { folder, tree, torrent, bare, metainfo, infoHash: metainfo.infoHash, infoHashV2 }
}

/** Serves all of it and knows no hashes of v2 to give; under `knows` alone. */
async function startWithoutLayers({ tree, metainfo }: Awaited<ReturnType<typeof published>>, knows: 'v1' | 'v2' | 'both') {
  const { infoBytes, info, v2 } = metainfo
  const short = shortInfoHash(v2?.infoHash ?? new Uint8Array())
  const identity = {
    v1: { infoHash: metainfo.infoHash },
    v2: { infoHash: short, infoHashV2: v2?.infoHash },
    both: { infoHash: metainfo.infoHash, infoHashV2: v2?.infoHash },
  }[knows]
  const unsaid = { isPrivate: false, trackers: [], magnetPeers: [], bytesLeft: 0, isBrief: false }
  const peer = await Participation.join(loopback(), { ...identity, ...unsaid }, new Events<VerbEvents>())
  onTestFinished(() => peer.stop())
  const store = new SeedStore({ info, root: tree, stamps: await contentStamps(info, tree), clock: systemClock })
  onTestFinished(() => store.close())
  peer.swarm.setTorrent({ infoBytes, layout: new PieceGeometry(info), store, wanted: store.verified, servable: store.verified })
  return loopback({ peers: peer.addresses })
}

describe.each(['v2', 'hybrid'] as const)('a %s torrent', (format) => {
  it('is fetched by its v2 info-hash in every form, and passed on by who fetched it so', async () => {
    const { folder, tree, torrent, infoHashV2 } = await published(format)
    const seeding = startSeed({ path: tree, torrentFile: torrent })
    let { listen } = await seeding.event('ready')
    const hash = toHex(infoHashV2)
    for (const [index, id] of [`magnet:?xt=urn:btmh:1220${hash}`, hash, `1220${hash}`].entries()) {
      const fetching = startFetch({ id, outDir: join(folder, String(index)), network: loopback({ peers: listen }), keepSeeding: true })
      const { path } = await fetching.event('done')
      expect(await differingPaths(tree, path)).toEqual([])
      const ready = await fetching.event('ready')
      expect(ready).toMatchObject({ infoHashV2: hash, infoHash: hash.slice(0, 40) })
      // Only who was fetched from before can give it to the next, with the hashes of its pieces.
      if (index === 0) await seeding.stop()
      listen = ready.listen
    }
  })

  it('is fetched by the magnet that its seed gives out', async () => {
    const { folder, tree, torrent, infoHashV2 } = await published(format)
    const { magnet } = await startSeed({ path: tree, torrentFile: torrent }).event('ready')
    expect(magnet).toContain(`urn:btmh:1220${toHex(infoHashV2)}`)
    expect(magnet.includes('urn:btih:')).toBe(format === 'hybrid')
    const { path } = await startFetch({ id: magnet, outDir: join(folder, 'out') }).result
    expect(await differingPaths(tree, path)).toEqual([])
  })

  it('is fetched by a .torrent without piece layers, which come from peers', async () => {
    const { folder, tree, torrent, bare } = await published(format)
    const { listen } = await startSeed({ path: tree, torrentFile: torrent }).event('ready')
    const network = loopback({ peers: listen })
    const { outlook } = await startFetch({ id: bare, outDir: join(folder, 'out'), network, isDryRun: true }).result
    expect(outlook).toBeDefined()
    const { path } = await startFetch({ id: bare, outDir: join(folder, 'out'), network }).result
    expect(await differingPaths(tree, path)).toEqual([])
  })
})

describe('a torrent of v2 only', () => {
  it('that no peer has the hashes of ends with NO_METADATA', async () => {
    const made = await published('v2')
    const network = { ...(await startWithoutLayers(made, 'v2')), timeoutMs: 1_500 }
    const id = formatMagnet({ infoHashV2: made.infoHashV2 })
    await expect(startFetch({ id, outDir: join(made.folder, 'out'), network }).result).rejects.toMatchObject({
      code: 'NO_METADATA',
      message: expect.stringContaining("No peer sent the hashes of the torrent's pieces"),
    })
  })
})

describe('a hybrid torrent', () => {
  it.each(['v1', 'both'] as const)('whose only peer knows %s and has no hashes of v2 is fetched by SHA-1', async (knows) => {
    const made = await published('hybrid')
    const network = await startWithoutLayers(made, knows)
    const { infoHash, infoHashV2 } = made
    const { path } = await startFetch({ id: formatMagnet({ infoHash, infoHashV2 }), outDir: join(made.folder, 'out'), network }).result
    expect(await differingPaths(made.tree, path)).toEqual([])
  })

  it('that is known by its v2 info-hash alone is joined under the other, too, once it is known', async () => {
    const { folder, tree, torrent, infoHash, infoHashV2 } = await published('hybrid')
    const { listen } = await startSeed({ path: tree, torrentFile: torrent }).event('ready')
    const id = formatMagnet({ infoHashV2 })
    const staying = startFetch({ id, outDir: join(folder, 'one'), network: loopback({ peers: listen }), keepSeeding: true })
    await staying.event('done')
    const network = loopback({ peers: (await staying.event('ready')).listen })
    const { path } = await startFetch({ id: toHex(infoHash), outDir: join(folder, 'two'), network }).result
    expect(await differingPaths(tree, path)).toEqual([])
  })
})
