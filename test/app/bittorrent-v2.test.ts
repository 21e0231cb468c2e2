import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { VerbEvents } from '../../src/app/events.ts'
import { Participation } from '../../src/app/network/participation.ts'
import { info } from '../../src/app/resolve/info.ts'
import { verify } from '../../src/app/torrents/verify.ts'
import { toHex } from '../../src/base/bytes.ts'
import { Events } from '../../src/base/events.ts'
import { systemClock } from '../../src/base/system-clock.ts'
import { SeedStore } from '../../src/store/seed-store.ts'
import { formatMagnet } from '../../src/torrent/magnet.ts'
import { decodeMetainfo } from '../../src/torrent/metainfo.ts'
import { PieceGeometry } from '../../src/torrent/piece-geometry.ts'
import { differingPaths } from '../support/differing-paths.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { buildTorrent } from '../torrent/build-v2.ts'
import { loopback } from './support/loopback-request.ts'
import { startFetch, startSeed } from './support/running-verb.ts'

const never = new AbortController().signal
const pattern = (length: number, seed: number): Uint8Array => Uint8Array.from({ length }, (_, index) => (index * 13 + seed) % 251)
const files = [
  { path: ['bin', 'app'], content: pattern(70_000, 1) },
  { path: ['empty'], content: new Uint8Array() },
  { path: ['notes.txt'], content: pattern(300, 2) },
]

/** The folder `release` with the files, and a .torrent of it. */
async function published(format: 'v2' | 'hybrid') {
  const folder = await temporaryFolder()
  for (const { path, content } of files) {
    await mkdir(dirname(join(folder, 'release', ...path)), { recursive: true })
    await writeFile(join(folder, 'release', ...path), content)
  }
  const made = buildTorrent(files, 16_384, format)
  await writeFile(join(folder, 'a.torrent'), made.bytes)
  return { folder, tree: join(folder, 'release'), torrent: join(folder, 'a.torrent'), ...made }
}

const asked = (id: string, network = loopback()) => info({ id, network }, new Events<VerbEvents>(), never)
const expectedFiles = (roots: readonly (Uint8Array | undefined)[]) =>
  files.map(({ path, content }, index) => {
    const root = roots[index]
    return {
      path: `release/${path.join('/')}`,
      lengthBytes: content.length,
      piecesRoot: root === undefined ? null : toHex(root),
      isExecutable: false,
    }
  })

describe('a hybrid torrent', () => {
  it('is shown with both info-hashes, and its magnet names both', async () => {
    const { torrent, bytes, roots } = await published('hybrid')
    const { infoHash, v2 } = decodeMetainfo(bytes)
    const summary = await asked(torrent)
    expect(summary).toMatchObject({
      format: 'hybrid',
      infoHash: toHex(infoHash),
      infoHashV2: toHex(v2?.infoHash ?? new Uint8Array()),
      bytes: 70_300,
      pieces: 6,
      files: expectedFiles(roots),
    })
    expect(summary.magnet).toBe(`magnet:?xt=urn:btih:${summary.infoHash}&xt=urn:btmh:1220${summary.infoHashV2}&dn=release`)
  })

  it('is seeded, fetched by .torrent and by its magnet, and verified', async () => {
    const { folder, tree, torrent } = await published('hybrid')
    const { listen, magnet: ours, infoHashV2 } = await startSeed({ path: tree, torrentFile: torrent }).event('ready')
    const { magnet, ...summary } = await asked(torrent)
    expect(infoHashV2).toBe(summary.infoHashV2)
    expect(ours).toContain(`xt=urn:btih:${summary.infoHash}&xt=urn:btmh:1220${summary.infoHashV2}&dn=`)
    for (const [way, id] of Object.entries({ torrent, magnet })) {
      const fetching = startFetch({ id, outDir: join(folder, way), network: loopback({ peers: listen }) })
      expect(await fetching.event('ready')).toMatchObject({ infoHashV2, infoHash: summary.infoHash })
      const { path, bytes, downloaded } = await fetching.result
      // The padding of its v1 half is not asked for.
      expect([bytes, downloaded]).toEqual([70_300, 70_300])
      expect(await differingPaths(tree, path)).toEqual([])
    }
    const { damaged } = await verify({ torrent, path: join(folder, 'magnet') }, new Events(), never)
    expect(damaged).toEqual([])
    expect(await asked(magnet, loopback({ peers: listen }))).toMatchObject({ format: 'hybrid', magnet })
  })

  it('is not fetched or shown by a magnet whose info-hashes are of two torrents', async () => {
    const { folder, tree, torrent, bytes } = await published('hybrid')
    const { listen } = await startSeed({ path: tree, torrentFile: torrent }).event('ready')
    const { infoHash } = decodeMetainfo(bytes)
    const id = formatMagnet({ infoHash, infoHashV2: new Uint8Array(32).fill(7) })
    const network = loopback({ peers: listen })
    const refusal = { code: 'MAGNET_INVALID', message: expect.stringContaining('names two torrents') }
    await expect(startFetch({ id, outDir: join(folder, 'out'), network }).result).rejects.toMatchObject(refusal)
    await expect(asked(id, network)).rejects.toMatchObject(refusal)
  })
})

describe('a torrent of v2 only', () => {
  it('is shown, by .torrent', async () => {
    const { torrent, bytes, roots } = await published('v2')
    const infoHashV2 = toHex(decodeMetainfo(bytes).v2?.infoHash ?? new Uint8Array())
    expect(await asked(torrent)).toMatchObject({
      format: 'v2',
      infoHash: null,
      infoHashV2,
      magnet: `magnet:?xt=urn:btmh:1220${infoHashV2}&dn=release`,
      bytes: 70_300,
      pieces: 6,
      files: expectedFiles(roots),
    })
  })

  it('is shown by its magnet and by its info-hash, from peers that know it by the first 20 bytes', async () => {
    const { tree, bytes } = await published('v2')
    const { infoBytes, info: content, v2 } = decodeMetainfo(bytes)
    if (v2 === undefined) return expect.fail('no v2 in it')
    const peer = await Participation.join(
      loopback(),
      { infoHash: v2.infoHash.slice(0, 20), isPrivate: false, trackers: [], magnetPeers: [], bytesLeft: 0, isBrief: false },
      new Events<VerbEvents>(),
    )
    onTestFinished(() => peer.stop())
    const store = new SeedStore({ info: content, root: tree, stamps: [], clock: systemClock })
    onTestFinished(() => store.close())
    peer.swarm.setTorrent({ infoBytes, layout: new PieceGeometry(content), store, wanted: store.verified, servable: store.verified })
    const network = loopback({ peers: peer.addresses })
    for (const id of [formatMagnet({ infoHashV2: v2.infoHash }), toHex(v2.infoHash), `1220${toHex(v2.infoHash)}`]) {
      expect(await asked(id, network)).toMatchObject({ format: 'v2', name: 'release', infoHashV2: toHex(v2.infoHash), bytes: 70_300 })
    }
  })

  it('is seeded, fetched by .torrent, and verified', async () => {
    const { folder, tree, torrent, bytes } = await published('v2')
    const infoHashV2 = toHex(decodeMetainfo(bytes).v2?.infoHash ?? new Uint8Array())
    const ready = await startSeed({ path: tree, torrentFile: torrent }).event('ready')
    expect(ready).toMatchObject({
      infoHashV2,
      infoHash: infoHashV2.slice(0, 40),
      magnet: expect.stringContaining(`urn:btmh:1220${infoHashV2}&`),
    })
    const network = loopback({ peers: ready.listen })
    const fetching = startFetch({ id: torrent, outDir: join(folder, 'out'), network })
    expect(await fetching.event('ready')).toMatchObject({ infoHashV2, magnet: expect.stringContaining(`urn:btmh:1220${infoHashV2}&`) })
    const { path, bytes: size, downloaded } = await fetching.result
    expect([size, downloaded]).toEqual([70_300, 70_300])
    expect(await differingPaths(tree, path)).toEqual([])
    expect((await verify({ torrent, path }, new Events(), never)).damaged).toEqual([])
    await writeFile(join(path, 'notes.txt'), pattern(300, 3))
    expect((await verify({ torrent, path }, new Events(), never)).damaged).toMatchObject([{ path: 'notes.txt', state: 'damaged' }])
  })

  it('is seeded, fetched and verified by a .torrent without its piece layers, which its content proves', async () => {
    const { folder, tree, info } = await published('v2')
    const torrent = join(folder, 'bare.torrent')
    await writeFile(torrent, Buffer.concat([Buffer.from('d4:info'), info, Buffer.from('e')]))
    expect((await verify({ torrent, path: tree }, new Events(), never)).damaged).toEqual([])
    const { listen } = await startSeed({ path: tree, torrentFile: torrent }).event('ready')
    const { path } = await startFetch({ id: torrent, outDir: join(folder, 'out'), network: loopback({ peers: listen }) }).result
    expect(await differingPaths(tree, path)).toEqual([])
    await writeFile(join(path, 'bin/app'), pattern(70_000, 3))
    expect((await verify({ torrent, path }, new Events(), never)).damaged).toMatchObject([{ path: 'bin/app', state: 'damaged' }])
    await expect(startSeed({ path, torrentFile: torrent }).result).rejects.toMatchObject({ code: 'VERIFY_FAILED' })
  })
})
