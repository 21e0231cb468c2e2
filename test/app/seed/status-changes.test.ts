import { chmod, link, readFile, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { ask } from '../../web-server/support/http-client.ts'
import { loopback } from '../support/loopback-request.ts'
import { startFetch, startSeed } from '../support/running-verb.ts'
import { noise, writeFiles } from '../support/write-files.ts'

const files = { 'a.bin': 400_000, 'b.bin': 5_000, 'c.bin': 300_000 }

/** A seed of three files in a v1 torrent, so that they share pieces. */
async function seeded(detail: Parameters<typeof loopback>[0] = {}) {
  const root = await temporaryFolder()
  const content = await writeFiles(join(root, 'tree'), files)
  const seeding = startSeed({ path: content, format: 'v1', httpPort: 0, network: loopback(detail) })
  const { http: [url = ''] = [], ...ready } = await seeding.event('ready')
  return { root, content, seeding, url, ...ready }
}

/** What a backup with hard links, and an administrator, do to a tree. */
async function linkAndChmod(tree: string, to: string): Promise<void> {
  for (const name of Object.keys(files)) {
    await link(join(tree, name), `${to}-${name}`)
    await chmod(join(tree, name), 0o640)
  }
}

async function expectWhole(tree: string): Promise<void> {
  for (const [name, bytes] of Object.entries(files))
    expect(Buffer.from(noise(name, bytes)).equals(await readFile(join(tree, name)))).toBe(true)
}

/** Changes the last byte, and sets the times back as they were. */
async function forge(path: string): Promise<void> {
  const { atime, mtime } = await stat(path)
  const bytes = await readFile(path)
  bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1)
  await writeFile(path, bytes)
  await utimes(path, atime, mtime)
}

/** Sets times that `forge` can set back to the nanosecond. */
async function setRoundTimes(tree: string): Promise<void> {
  for (const name of Object.keys(files)) await utimes(join(tree, name), 1_000_000, 1_000_000)
}

describe('a tree whose files get second names and other modes', () => {
  it('is seeded on, in the middle of a fetch and afterwards', async () => {
    const { root, content, seeding, magnet, url } = await seeded({ upBytesPerSecond: 300_000 })
    const fetching = startFetch({ id: magnet, outDir: join(root, 'out') })
    await fetching.event('progress', ({ bytesDone }) => bytesDone > 0)
    await linkAndChmod(content, join(root, 'backup'))
    const { path } = await fetching.event('done')
    await expectWhole(path)
    expect((await ask(`${url}tree/a.bin`)).body.equals(noise('a.bin', 400_000))).toBe(true)
    await seeding.stop()
  })

  it('is seeded on by the fetch that brought it', async () => {
    const { root, magnet, infoHash } = await seeded()
    const staying = startFetch({ id: magnet, outDir: join(root, 'out'), keepSeeding: true })
    const { path } = await staying.event('done')
    const { listen } = await staying.event('ready')
    await linkAndChmod(path, join(root, 'backup'))
    const late = startFetch({ id: infoHash, outDir: join(root, 'late'), network: loopback({ peers: listen }) })
    await expectWhole((await late.event('done')).path)
    await staying.stop()
  })

  it('ends with SOURCE_CHANGED if the bytes of one changed too, whatever time it shows', async () => {
    const root = await temporaryFolder()
    const content = await writeFiles(join(root, 'tree'), files)
    await setRoundTimes(content)
    const seeding = startSeed({ path: content, format: 'v1' })
    const { magnet } = await seeding.event('ready')
    await linkAndChmod(content, join(root, 'backup'))
    await forge(join(content, 'c.bin'))
    const fetching = startFetch({ id: magnet, outDir: join(root, 'out') })
    await expect(seeding.result).rejects.toMatchObject({ code: 'SOURCE_CHANGED', message: expect.stringContaining(content) })
    expect(fetching.all('done')).toEqual([])
  })
})
