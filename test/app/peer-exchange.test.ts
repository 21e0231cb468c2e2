import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { differingPaths } from '../support/differing-paths.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { loopback } from './support/loopback-request.ts'
import { startFetch, startSeed } from './support/running-verb.ts'
import { writeFiles } from './support/write-files.ts'

const totalBytes = 2_000_000

async function seededSlowly() {
  const root = await temporaryFolder()
  const content = await writeFiles(join(root, 'tree'), { 'a.bin': totalBytes })
  const seeding = startSeed({ path: content, network: loopback({ upBytesPerSecond: 1_500_000 }) })
  const { magnet } = await seeding.event('ready')
  return { root, content, seeding, magnet }
}

describe('fetches that know one peer', () => {
  it('find each other through it, and take from each other what the seed need not send twice', async () => {
    const { root, content, seeding, magnet } = await seededSlowly()
    const fetches = ['one', 'two', 'three', 'four'].map((name) => startFetch({ id: magnet, outDir: join(root, name), keepSeeding: true }))
    for (const fetching of fetches) await fetching.event('done')
    const found = fetches.flatMap((fetching) => fetching.all('peer')).filter(({ origin, kind }) => origin === 'pex' && kind === 'connected')
    expect(found.length).toBeGreaterThan(0)
    for (const fetching of fetches) expect(await differingPaths(content, (await fetching.event('done')).path)).toEqual([])
    const { uploaded } = await stopped(seeding)
    expect(uploaded).toBeLessThan(fetches.length * totalBytes)
  })

  it('find nobody when they turn it off', async () => {
    const { root, seeding, magnet } = await seededSlowly()
    const network = loopback({ usesPeerExchange: false })
    const fetches = ['one', 'two'].map((name) => startFetch({ id: magnet, outDir: join(root, name), network }))
    for (const fetching of fetches) await fetching.result
    const { listen } = await seeding.event('ready')
    const met = new Set(fetches.flatMap((fetching) => fetching.all('peer')).map(({ address }) => address.port))
    expect(met).toEqual(new Set([listen[0]?.port]))
  })
})

async function stopped(seeding: ReturnType<typeof startSeed>) {
  seeding.abort()
  return await seeding.result
}
