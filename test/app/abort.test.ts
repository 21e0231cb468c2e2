import { readdir } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { MiB } from '../../src/base/units.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { loopback } from './support/loopback-request.ts'
import { nothingMoreThan, openResources } from './support/open-resources.ts'
import { startFetch, startSeed, stopReason } from './support/running-verb.ts'
import { writeFiles } from './support/write-files.ts'

const unknown = '0123456789abcdef0123456789abcdef01234567'

describe('aborting a seed', () => {
  it('while it hashes rejects with the reason, and leaves nothing open', async () => {
    const root = await treeOf(24 * MiB)
    const before = openResources()
    const seeding = startSeed({ path: join(root, 'tree') })
    await seeding.event('progress', ({ phase }) => phase === 'hash')
    seeding.abort()
    await expect(seeding.result).rejects.toBe(stopReason)
    await nothingMoreThan(before)
  })

  it('that waits for its first announce ends it at once, and no file is written afterwards', async () => {
    const root = await treeOf(1)
    const before = openResources()
    const network = loopback({ usesDht: true, dhtBootstrap: [{ host: '127.0.0.1', port: 9 }], stateDir: join(root, 'state') })
    const seeding = startSeed({ path: join(root, 'tree'), torrentOut: join(root, 'tree.torrent'), network })
    await seeding.event('progress', ({ phase }) => phase === 'seed')
    seeding.abort()
    expect(await seeding.result).toMatchObject({ goalMet: false })
    expect(seeding.all('ready')).toEqual([])
    expect(await readdir(root)).not.toContain('tree.torrent')
    await nothingMoreThan(before)
  })

  it('that serves resolves, and leaves nothing open', async () => {
    const root = await treeOf(4 * MiB)
    const before = openResources()
    const seeding = startSeed({ path: join(root, 'tree'), network: loopback({ upBytesPerSecond: MiB }) })
    const { magnet } = await seeding.event('ready')
    const fetching = startFetch({ id: magnet, outDir: join(root, 'out') })
    await fetching.event('progress', ({ bytesDone }) => bytesDone > 0)
    await seeding.stop()
    expect(await seeding.result).toMatchObject({ goalMet: false, copies: 0 })
    await fetching.stop()
    await nothingMoreThan(before)
  })
})

describe('aborting a fetch', () => {
  it('that waits for a .torrent from a server', async () => {
    const { url, asked } = await silentServer()
    const before = openResources()
    const fetching = startFetch({ id: url, outDir: await temporaryFolder() })
    await asked
    fetching.abort()
    await expect(fetching.result).rejects.toBe(stopReason)
    await nothingMoreThan(before)
  })

  it('that looks for somebody with the metadata', async () => {
    const outDir = await temporaryFolder()
    const before = openResources()
    const network = loopback({ usesDht: true, dhtBootstrap: [{ host: '127.0.0.1', port: 9 }], stateDir: join(outDir, 'state') })
    const fetching = startFetch({ id: unknown, outDir: join(outDir, 'out'), network })
    await fetching.event('progress', ({ phase }) => phase === 'metadata')
    fetching.abort()
    await expect(fetching.result).rejects.toBe(stopReason)
    await nothingMoreThan(before)
  })

  it('that looks at content which is there already', async () => {
    const root = await treeOf(24 * MiB)
    const torrent = await torrentOf(root)
    const before = openResources()
    const fetching = startFetch({ id: torrent, outDir: root })
    await fetching.event('progress', ({ phase }) => phase === 'check')
    fetching.abort()
    await expect(fetching.result).rejects.toBe(stopReason)
    await nothingMoreThan(before)
    expect((await readdir(root)).sort()).toEqual(['tree', 'tree.torrent'])
  })

  it('that downloads keeps what was verified, and gives up its lock', async () => {
    const root = await treeOf(4 * MiB)
    const torrent = join(root, 'tree.torrent')
    const before = openResources()
    const seeding = startSeed({ path: join(root, 'tree'), torrentOut: torrent, network: loopback({ upBytesPerSecond: 2 * MiB }) })
    const { magnet } = await seeding.event('ready')
    const fetching = startFetch({ id: magnet, outDir: join(root, 'out') })
    const { bytesDone } = await fetching.event('progress', (figures) => figures.bytesDone > 0)
    fetching.abort()
    await expect(fetching.result).rejects.toBe(stopReason)
    await seeding.stop()
    await nothingMoreThan(before)
    const again = startFetch({ id: torrent, outDir: join(root, 'out') })
    await again.event('progress', ({ bySource }) => bySource.local >= bytesDone)
    await again.stop()
  })

  it('that stays as a seed resolves', async () => {
    const root = await treeOf(MiB)
    const before = openResources()
    const staying = startFetch({ id: await torrentOf(root), outDir: root, keepSeeding: true })
    const done = await staying.event('done')
    staying.abort()
    expect(await staying.result).toEqual(done)
    await nothingMoreThan(before)
  })

  it('before it began', async () => {
    const before = openResources()
    const fetching = startFetch({ id: unknown, outDir: await temporaryFolder() })
    fetching.abort()
    await expect(fetching.result).rejects.toBe(stopReason)
    await nothingMoreThan(before)
  })
})

async function treeOf(sizeBytes: number): Promise<string> {
  const root = await temporaryFolder()
  await writeFiles(join(root, 'tree'), { 'a.bin': sizeBytes })
  return root
}

async function torrentOf(root: string): Promise<string> {
  const torrentOut = join(root, 'tree.torrent')
  await startSeed({ path: join(root, 'tree'), torrentOut, forMs: 1 }).result
  return torrentOut
}

/** A web server that takes requests and never answers. */
async function silentServer() {
  let onAsked: () => void = () => undefined
  const asked = new Promise<void>((resolve) => (onAsked = resolve))
  const server = createServer(() => onAsked())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/a.torrent`, asked }
}
