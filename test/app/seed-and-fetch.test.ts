import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatAddress } from '../../src/base/address.ts'
import { KiB } from '../../src/base/units.ts'
import { differingPaths } from '../support/differing-paths.ts'
import { freePort } from '../support/free-port.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { loopback } from './support/loopback-request.ts'
import { startFetch, startSeed } from './support/running-verb.ts'
import { writeFiles } from './support/write-files.ts'

describe('seed and fetch', () => {
  it('move any tree, whatever the sizes of its files', async () => {
    const size = fc.oneof(fc.constantFrom(0, 1, 16_383, 16_384, 16_385, 32_768, 49_153), fc.nat(150_000))
    const name = fc.stringMatching(/^[a-z0-9äß ._-]{0,6}[a-zé]$/)
    const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join('/'))
    const trees = fc.uniqueArray(fc.tuple(path, size), { minLength: 1, maxLength: 12, selector: ([key]) => key.split('/')[0] })
    const pieceLengths = fc.constantFrom(undefined, 16 * KiB, 64 * KiB)
    await fc.assert(
      fc.asyncProperty(trees, pieceLengths, async (files, pieceLengthBytes) => {
        const root = await temporaryFolder()
        const tree = { ...Object.fromEntries(files), 'always one byte': 1 }
        const content = await writeFiles(join(root, 'tree'), tree)
        const seeding = startSeed({ path: content, pieceLengthBytes })
        const { magnet } = await seeding.event('ready')
        const { path } = await startFetch({ id: magnet, outDir: join(root, 'out') }).result
        expect(path).toBe(join(root, 'out/tree'))
        expect(await differingPaths(content, path)).toEqual([])
        await seeding.stop()
      }),
      { numRuns: 8 },
    )
  })

  it('move a single file whose last piece is one byte', async () => {
    const root = await temporaryFolder()
    await writeFiles(root, { 'image.bin': 64 * KiB + 1 })
    const { magnet } = await startSeed({ path: join(root, 'image.bin'), pieceLengthBytes: 16 * KiB }).event('ready')
    const fetching = startFetch({ id: magnet, outDir: join(root, 'out') })
    expect(await fetching.result).toMatchObject({ bytes: 64 * KiB + 1, files: [{ path: join(root, 'out/image.bin') }] })
    expect(await readFile(join(root, 'out/image.bin'))).toEqual(await readFile(join(root, 'image.bin')))
  })

  it('meet by .torrent, by magnet, and by info-hash with a named peer', async () => {
    const root = await temporaryFolder()
    const content = await writeFiles(join(root, 'tree'), { 'a.bin': 200_000, 'sub/b.bin': 50_001 })
    const torrent = join(root, 'tree.torrent')
    const magnetFile = join(root, 'tree.magnet')
    const seeding = startSeed({ path: content, torrentOut: torrent, magnetOut: magnetFile })
    const { magnet, infoHash, listen } = await seeding.event('ready')
    expect(await readFile(magnetFile, 'utf8')).toBe(`${magnet}\n`)
    const named = loopback({ peers: listen })
    const ways = { torrent: { id: torrent, network: named }, magnet: { id: magnet }, hash: { id: infoHash, network: named } }
    for (const [way, plan] of Object.entries(ways)) {
      const { path, downloaded, bySource } = await startFetch({ ...plan, outDir: join(root, way) }).result
      expect(await differingPaths(content, path)).toEqual([])
      expect(downloaded).toBe(250_001)
      expect(bySource).toEqual({ peers: 250_001, webSeeds: 0, local: 0 })
    }
  })

  it('tell what happens in the promised order', async () => {
    const root = await temporaryFolder()
    const content = await writeFiles(join(root, 'tree'), { 'a.bin': 300_000 })
    const seeding = startSeed({ path: content, untilCopies: 1 })
    const { magnet, infoHash } = await seeding.event('ready')
    const fetching = startFetch({ id: magnet, outDir: join(root, 'out') })
    const result = await fetching.result
    const { copies, goalMet } = await seeding.result
    expect({ copies, goalMet }).toEqual({ copies: 1, goalMet: true })

    const order = fetching.told.map(({ type }) => type).filter((type) => type !== 'peer' && type !== 'progress')
    expect(order).toEqual(['ready', 'metadata', 'done'])
    expect(fetching.all('done')).toEqual([result])
    const figures = fetching.all('progress').findLast(({ phase }) => phase === 'fetch')
    expect(figures).toMatchObject({ phase: 'fetch', bytesDone: 300_000, bytesTotal: 300_000, etaSeconds: 0 })
    expect(fetching.all('metadata')).toMatchObject([{ infoHash, name: 'tree', bytesTotal: 300_000, files: 1, isPrivate: false }])

    const told = seeding.told.map(({ type }) => type).filter((type) => type !== 'progress')
    expect(told.slice(0, 2)).toEqual(['metadata', 'ready'])
    expect(told.filter((type) => type !== 'peer')).toEqual(['metadata', 'ready', 'copies', 'done'])
    expect(seeding.all('copies')).toMatchObject([{ complete: 1, goal: 1, host: { address: { host: '127.0.0.1' } } }])
    const peers = seeding.all('peer').map(({ kind }) => kind)
    expect(peers.slice(0, 2)).toEqual(['connected', 'complete'])
    expect(seeding.all('progress')[0]).toMatchObject({ phase: 'hash' })
  })

  it('meet although the fetch started long before the seed', async () => {
    const root = await temporaryFolder()
    const content = await writeFiles(join(root, 'tree'), { 'a.bin': 100_000 })
    const early = startSeed({ path: content })
    const { infoHash } = await early.event('ready')
    await early.stop()
    const port = await freePort()
    const fetching = startFetch({ id: infoHash, outDir: join(root, 'out'), network: loopback({ peers: [{ host: '127.0.0.1', port }] }) })
    await fetching.event('progress', ({ phase, peers }) => phase === 'metadata' && peers === 0)
    const seeding = startSeed({ path: content, network: loopback({ port }) })
    expect((await seeding.event('ready')).listen.map(formatAddress)).toEqual([`127.0.0.1:${port}`])
    const { path } = await fetching.result
    expect(await differingPaths(content, path)).toEqual([])
  })

  it('publish under a .torrent that exists, and refuse content that differs from it', async () => {
    const root = await temporaryFolder()
    const content = await writeFiles(join(root, 'tree'), { 'a.bin': 100_000, 'b.bin': 0 })
    const torrent = join(root, 'tree.torrent')
    const first = startSeed({ path: content, torrentOut: torrent, comment: 'one', pieceLengthBytes: 16 * KiB })
    const { infoHash } = await first.event('ready')
    await first.stop()
    await expect(startSeed({ path: content, torrentFile: torrent, webSeeds: ['https://m.example/?a=b'] }).result).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining('has a query'),
    })
    const again = startSeed({ path: content, torrentFile: torrent })
    expect((await again.event('ready')).infoHash).toBe(infoHash)
    expect(again.all('progress')[0]).toMatchObject({ phase: 'check' })
    await again.stop()
    await writeFiles(content, { 'a.bin': 99_999 })
    await expect(startSeed({ path: content, torrentFile: torrent }).result).rejects.toMatchObject({ code: 'VERIFY_FAILED' })
    await expect(startSeed({ path: join(root, 'none'), torrentFile: torrent }).result).rejects.toMatchObject({ code: 'INPUT_MISSING' })
  })
})
