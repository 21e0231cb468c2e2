import { rename } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { HostPort } from '../../../src/discovery/host-port.ts'
import { freePort } from '../../support/free-port.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { loopback } from '../support/loopback-request.ts'
import { startFetch, startSeed } from '../support/running-verb.ts'
import { writeFiles } from '../support/write-files.ts'

const unknown = '0123456789abcdef0123456789abcdef01234567'

async function seeded(sizeBytes = 400_000, upBytesPerSecond = Number.POSITIVE_INFINITY) {
  const root = await temporaryFolder()
  const content = await writeFiles(join(root, 'tree'), { 'a.bin': sizeBytes })
  const torrent = join(root, 'tree.torrent')
  const seeding = startSeed({ path: content, torrentOut: torrent, network: loopback({ upBytesPerSecond }) })
  const { magnet, infoHash, listen } = await seeding.event('ready')
  return { root, content, out: join(root, 'out'), torrent, seeding, magnet, infoHash, listen }
}

describe('a fetch that cannot succeed', () => {
  it('because nobody is there ends with NO_PEERS, whatever was named', async () => {
    const outDir = await temporaryFolder()
    const lonely = [
      { timeoutMs: 300 },
      { stallTimeoutMs: 300 },
      { timeoutMs: 600, peers: [{ host: '127.0.0.1', port: 9 }] },
      { timeoutMs: 600, peers: [{ host: 'nobody.invalid', port: 9 }] },
    ]
    const fetches = lonely.map((detail) => startFetch({ id: unknown, outDir, network: loopback(detail) }))
    for (const fetching of fetches) {
      await expect(fetching.result).rejects.toMatchObject({ code: 'NO_PEERS', hint: expect.stringContaining('--peer') })
    }
  })

  it('tells once of a peer that was named and cannot be reached, and again at the end', async () => {
    const port = await freePort()
    const network = loopback({ timeoutMs: 3_000, peers: [{ host: '127.0.0.1', port }] })
    const fetching = startFetch({ id: unknown, outDir: await temporaryFolder(), network })
    await expect(fetching.result).rejects.toMatchObject({
      code: 'NO_PEERS',
      message: `No peer was found within 3 s. Tried: 127.0.0.1:${port} (the connection was refused).`,
    })
    expect(fetching.all('warning')).toEqual([
      { message: `The peer 127.0.0.1:${port} cannot be reached: the connection was refused; it is tried again.` },
    ])
  })

  it('tells at once that nobody is at the addresses of its magnet, when there is no other way', async () => {
    const port = await freePort()
    const id = `magnet:?xt=urn:btih:${unknown}&x.pe=127.0.0.1:${port}`
    const fetching = startFetch({ id, outDir: await temporaryFolder(), network: loopback() })
    const { message } = await fetching.event('warning')
    expect(message).toContain(`can be reached: 127.0.0.1:${port} (the connection was refused)`)
    await fetching.stop()
  })

  it('because there is nobody to ask is told so at once', async () => {
    const fetching = startFetch({ id: unknown, outDir: await temporaryFolder(), network: loopback() })
    expect(await fetching.event('warning')).toEqual({ message: expect.stringMatching(/^There is nobody to ask: /) })
    await fetching.stop()
  })

  it('with a peer that has the metadata of nothing ends with NO_METADATA', async () => {
    const { root, seeding, infoHash } = await seeded()
    await seeding.stop()
    const other = startFetch({ id: infoHash, outDir: join(root, 'other') })
    const { listen } = await other.event('ready')
    const fetching = startFetch({ id: infoHash, outDir: join(root, 'out'), network: loopback({ peers: listen, timeoutMs: 3_000 }) })
    await expect(fetching.result).rejects.toMatchObject({ code: 'NO_METADATA', message: expect.stringContaining('1 connected') })
  })

  it('whose time is over keeps what was verified, and the next one goes on from there', async () => {
    const { out, magnet, torrent, listen, seeding, content } = await seeded(1_500_000, 200_000)
    const late = startFetch({ id: magnet, outDir: out, network: loopback({ timeoutMs: 3_000 }) })
    await expect(late.result).rejects.toMatchObject({
      code: 'INCOMPLETE',
      message: expect.stringMatching(/^The time of 3 s is over: [\d.]+ [KM]iB are missing \(\d+ % is here, 1 peer, 1 seed\)\.$/),
    })
    const kept = late.all('progress').at(-1)?.bytesDone ?? 0
    expect(kept).toBeGreaterThan(0)
    await seeding.stop()
    const next = startSeed({ path: content })
    const peers = (await next.event('ready')).listen
    expect(peers).not.toEqual(listen)
    const { bySource } = await startFetch({ id: torrent, outDir: out, network: loopback({ peers }) }).result
    expect(bySource.local).toBeGreaterThanOrEqual(kept)
    expect(bySource.local + bySource.peers).toBe(1_500_000)
  })

  it('whose seed leaves ends with STALLED', async () => {
    const { out, magnet, seeding } = await seeded(1_500_000, 300_000)
    const fetching = startFetch({ id: magnet, outDir: out, network: loopback({ stallTimeoutMs: 3_000 }) })
    await fetching.event('progress', ({ bytesDone }) => bytesDone > 0)
    await seeding.stop()
    await expect(fetching.result).rejects.toMatchObject({ code: 'STALLED', message: expect.stringContaining('Nothing arrived for 3 s') })
  })

  it('is told of a port that is in use', async () => {
    const { out, magnet, listen } = await seeded()
    const fetching = startFetch({ id: magnet, outDir: out, network: loopback({ port: listen[0]?.port ?? 0 }) })
    await expect(fetching.result).rejects.toMatchObject({ code: 'LISTEN_FAILED' })
  })
})

describe('a seed that cannot succeed', () => {
  it('ends with INCOMPLETE when its time is over before the copies are out', async () => {
    const root = await temporaryFolder()
    const content = await writeFiles(join(root, 'tree'), { 'a.bin': 1 })
    const seeding = startSeed({ path: content, untilCopies: 2, network: loopback({ timeoutMs: 300 }) })
    await expect(seeding.result).rejects.toMatchObject({ code: 'INCOMPLETE', message: expect.stringContaining('0 of 2 copies') })
  })

  it('ends with STALLED when nobody asks', async () => {
    const root = await temporaryFolder()
    const content = await writeFiles(join(root, 'tree'), { 'a.bin': 1 })
    const seeding = startSeed({ path: content, network: loopback({ stallTimeoutMs: 300 }) })
    await expect(seeding.result).rejects.toMatchObject({ code: 'STALLED' })
  })

  it('is told of an address that this machine has not, by the port that was tried first', async () => {
    const network = loopback({ bindAddress: '192.0.2.1', port: undefined })
    await expect(startSeed({ path: await temporaryFolder(), network }).result).rejects.toMatchObject({
      code: 'LISTEN_FAILED',
      message: expect.stringContaining('6881 of 192.0.2.1'),
    })
  })

  it('finds a port that is in use before it reads the content', async () => {
    const root = await temporaryFolder()
    const content = await writeFiles(join(root, 'tree'), { 'a.bin': 1_000_000 })
    const { port } = await takenPort()
    const seeding = startSeed({ path: content, network: loopback({ port }) })
    await expect(seeding.result).rejects.toMatchObject({ code: 'LISTEN_FAILED' })
    expect(seeding.told).toEqual([])
  })

  it('ends with SOURCE_CHANGED when a file is replaced, and names it', async () => {
    const { root, content, out, magnet, seeding } = await seeded(2_000_000, 200_000)
    const fetching = startFetch({ id: magnet, outDir: out })
    await fetching.event('progress', ({ bytesDone }) => bytesDone > 0)
    await writeFiles(root, { 'new.bin': 2_000_000 })
    await rename(join(root, 'new.bin'), join(content, 'a.bin'))
    await expect(seeding.result).rejects.toMatchObject({
      code: 'SOURCE_CHANGED',
      message: expect.stringContaining(join(content, 'a.bin')),
    })
    expect(fetching.all('done')).toEqual([])
  })

  it('says so too when it was a fetch that stayed', async () => {
    const { root, out, magnet, infoHash } = await seeded()
    const staying = startFetch({ id: magnet, outDir: out, keepSeeding: true })
    const { path } = await staying.event('done')
    const { listen } = await staying.event('ready')
    await writeFiles(path, { 'a.bin': 399_999 })
    const late = startFetch({ id: infoHash, outDir: join(root, 'late'), network: loopback({ peers: listen }) })
    await expect(staying.result).rejects.toMatchObject({ code: 'SOURCE_CHANGED', message: expect.stringContaining(join(path, 'a.bin')) })
    expect(late.all('done')).toEqual([])
  })
})

/** A port of loopback that somebody else listens on until the test is over. */
async function takenPort(): Promise<HostPort> {
  const server: Server = createServer()
  onTestFinished(() => void server.close())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return { host: '127.0.0.1', port: typeof address === 'object' ? (address?.port ?? 0) : 0 }
}
