import { appendFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { USUAL_PORT } from '../../../src/app/network/network.ts'
import { parseMagnet } from '../../../src/torrent/magnet.ts'
import { decodeMetainfo } from '../../../src/torrent/metainfo.ts'
import { freePort } from '../../support/free-port.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { ask, oneConnection } from '../../web-server/support/http-client.ts'
import { loopback } from '../support/loopback-request.ts'
import { nothingMoreThan, openResources } from '../support/open-resources.ts'
import { type SeedPlan, startFetch, startSeed } from '../support/running-verb.ts'
import { noise, writeFiles } from '../support/write-files.ts'

const files = { 'a.bin': 700_000, 'sub/b c.bin': 50_001, empty: 0 }

async function serving(plan: Partial<SeedPlan> = {}) {
  const root = await temporaryFolder()
  const content = await writeFiles(join(root, 'tree'), files)
  const seeding = startSeed({ path: content, httpPort: 0, torrentOut: join(root, 'tree.torrent'), ...plan })
  const { http: [url = ''] = [], ...ready } = await seeding.event('ready')
  return { root, content, seeding, url, ready }
}

describe('a seed that serves over HTTP', () => {
  it('gives its files as a web seed does, under the same info-hash as ever', async () => {
    const { root, content, seeding, url, ready } = await serving()
    for (const [path, sizeBytes] of Object.entries(files)) {
      const { status, body } = await ask(`${url}tree/${encodeURI(path)}`)
      expect([status, body.equals(noise(path, sizeBytes))]).toEqual([200, true])
    }
    const { status, body } = await ask(`${url}tree/a.bin`, { range: 'bytes=699999-' })
    expect([status, body]).toEqual([206, Buffer.from(noise('a.bin', 700_000).subarray(-1))])
    expect((await ask(`${url}`)).status).toBe(404)
    await seeding.stop()
    const { infoHash } = await startSeed({ path: content, torrentOut: join(root, 'other.torrent') }).event('ready')
    expect(infoHash).toBe(ready.infoHash)
    expect(decodeMetainfo(await readFile(join(root, 'other.torrent'))).webSeeds).toEqual([])
  })

  it('is named by the magnet and the .torrent, and gives out the .torrent itself', async () => {
    const { root, url, ready } = await serving()
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/)
    expect(parseMagnet(ready.magnet).webSeeds).toEqual([url])
    const torrent = await readFile(join(root, 'tree.torrent'))
    expect(decodeMetainfo(torrent).webSeeds).toEqual([url])
    expect((await ask(`${url}tree.torrent`)).body.equals(torrent)).toBe(true)
    const fetching = startFetch({ id: `${url}tree.torrent`, outDir: join(root, 'out'), network: loopback({ peers: ready.listen }) })
    expect((await fetching.result).infoHash).toBe(ready.infoHash)
  })

  it('keeps the .torrent of a private torrent to itself', async () => {
    const { root, url } = await serving({ isPrivate: true })
    expect((await ask(`${url}tree.torrent`)).status).toBe(404)
    expect(decodeMetainfo(await readFile(join(root, 'tree.torrent'))).webSeeds).toEqual([url])
  })

  it('adds itself to the web seeds of a .torrent that exists', async () => {
    const { root, content, seeding, url } = await serving()
    await seeding.stop()
    const torrentFile = join(root, 'tree.torrent')
    const again = startSeed({ path: content, torrentFile, torrentOut: join(root, 'again.torrent'), httpPort: 0 })
    const { http: [own = ''] = [] } = await again.event('ready')
    expect(decodeMetainfo(await readFile(join(root, 'again.torrent'))).webSeeds).toEqual([url, own])
  })

  it('counts what it sent over HTTP, as sent and as a figure of its own', async () => {
    const { seeding, url } = await serving({ ratio: 2 })
    const agent = oneConnection()
    await ask(`${url}tree/a.bin`, {}, 'GET', agent)
    const { http } = await seeding.event('progress', (progress) => (progress.http?.bytesServed ?? 0) > 0)
    expect(http).toEqual({ bytesServed: 700_000, connections: 1 })
    await ask(`${url}tree/a.bin`, {}, 'GET', agent)
    await ask(`${url}tree/sub/b%20c.bin`, { range: 'bytes=0-' }, 'GET', agent)
    await ask(`${url}tree/sub/b%20c.bin`, {}, 'GET', agent)
    expect(await seeding.result).toMatchObject({ goalMet: true, uploaded: 1_500_002 })
    expect(seeding.all('done')).toMatchObject([{ uploaded: 1_500_002, http: { bytesServed: 1_500_002 } }])
  })

  it('sends to peers and over HTTP no more than --up-limit says, and to both', async () => {
    const upBytesPerSecond = 1_000_000
    const startedMs = performance.now()
    const { root, url, ready } = await serving({ network: loopback({ upBytesPerSecond }) })
    const fetching = startFetch({ id: ready.magnet, outDir: join(root, 'out') })
    const [{ body }] = await Promise.all([ask(`${url}tree/a.bin`), fetching.result])
    expect(body.equals(noise('a.bin', 700_000))).toBe(true)
    const sent = 700_000 + 750_001
    expect(performance.now() - startedMs).toBeGreaterThan((sent / upBytesPerSecond - 0.4) * 1_000)
  })

  it('never gives a file whole that changed, and ends with the reason', async () => {
    const { content, seeding, url } = await serving()
    await ask(`${url}tree/a.bin`)
    await appendFile(join(content, 'a.bin'), 'more')
    await expect(ask(`${url}tree/a.bin`, { range: 'bytes=0-9' })).rejects.toMatchObject({ code: 'ECONNRESET' })
    await expect(seeding.result).rejects.toMatchObject({ code: 'SOURCE_CHANGED', message: expect.stringContaining('a.bin') })
  })

  it('says nothing of HTTP when it is not asked to serve', async () => {
    const root = await temporaryFolder()
    const seeding = startSeed({ path: await writeFiles(join(root, 'tree'), files) })
    expect((await seeding.event('ready')).http).toBeUndefined()
    expect((await seeding.event('progress', ({ phase }) => phase === 'seed')).http).toBeUndefined()
  })

  it('ends before it hashes anything when the port is in use', async () => {
    const { root, url } = await serving()
    const taken = startSeed({ path: join(root, 'tree'), httpPort: Number(new URL(url).port) })
    await expect(taken.result).rejects.toMatchObject({ code: 'LISTEN_FAILED', hint: expect.any(String) })
    expect(taken.told).toEqual([])
  })

  it('has the port that peers take when nothing is said, if it is named for HTTP', async () => {
    const { url, ready } = await serving({ httpPort: USUAL_PORT, network: loopback({ port: undefined, bindAddress: '127.9.8.7' }) })
    expect(url).toBe(`http://127.9.8.7:${USUAL_PORT}/`)
    expect(ready.listen[0]?.port).not.toBe(USUAL_PORT)
  })

  it('takes the port that was named, and lets go of everything at the end', async () => {
    const before = openResources()
    const httpPort = await freePort()
    const { seeding, url } = await serving({ httpPort })
    expect(url).toBe(`http://127.0.0.1:${httpPort}/`)
    await ask(`${url}tree/a.bin`, {}, 'GET', oneConnection())
    await seeding.stop()
    await nothingMoreThan(before)
  })
})
