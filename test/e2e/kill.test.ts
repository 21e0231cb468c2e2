import { mkdir, readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { differingPaths } from '../support/differing-paths.ts'
import { writeRandomTree } from '../support/random-tree.ts'
import { spawnDistro } from '../support/spawn-distro.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const loopback = ['--json', '--bind', '127.0.0.1', '--port', '0', '--no-lsd', '--no-dht']
const preload = `--import=${resolve('test/e2e/support/die-at-write.mjs')}`
const totalBytes = 8_000_000
const kills = 5
/** By then pieces are whole: most lie in one file, and take one write. */
const leastWrites = 20

test('a fetch that is killed again and again in the middle of a write ends with the right tree, and keeps what it had verified', async (context) => {
  const seedNumber = Number(process.env.DISTRO_TEST_SEED ?? Math.floor(Math.random() * 2 ** 31))
  context.annotate(`DISTRO_TEST_SEED=${seedNumber}`)
  const random = randomFrom(seedNumber)
  const root = await temporaryFolder()
  const content = join(root, 'content')
  await writeRandomTree(content, { seed: 3, files: 40, totalBytes })
  const out = join(root, 'out')
  await mkdir(out)
  const seed = spawnDistro(['seed', content, ...loopback, '--up-limit', '2M', '--state-dir', join(root, 'state-seed')])
  const { magnet } = await seed.event('ready')
  const words = ['fetch', String(magnet), '--out', out, ...loopback, '--state-dir', join(root, 'state-fetch')]
  let reportedBytes = 0
  for (let kill = 0; kill < kills; kill++) {
    const diesAt = leastWrites + Math.floor(random() * 30)
    const fetch = spawnDistro(words, { env: { NODE_OPTIONS: preload, DIE_AT: String(diesAt) } })
    expect(await fetch.exited, `seed ${seedNumber}\n${fetch.output}`).toEqual({ code: null, signal: 'SIGKILL' })
    for (const { phase, bytesDone } of fetch.events('progress')) {
      if (phase === 'fetch') reportedBytes = Math.max(reportedBytes, Number(bytesDone))
    }
    expect((await readdir(out)).filter((name) => !name.startsWith('.'))).toEqual([])
  }
  const last = spawnDistro(words)
  expect(await last.exited, `seed ${seedNumber}\n${last.output}`).toEqual({ code: 0, signal: null })
  expect(await differingPaths(content, join(out, 'content')), `seed ${seedNumber}`).toEqual([])
  // An empty draft of a lock, of which nobody can say whose it is, may stay for half a minute.
  const left = (await readdir(out)).filter((name) => !/\.distro-lock\.[0-9a-f]{16}$/.test(name))
  expect(left, `seed ${seedNumber}`).toEqual(['content'])
  // What was once told as verified was never fetched again.
  const { local } = Object(last.events('done')[0]?.bySource)
  expect(local).toBeGreaterThan(0)
  expect(local).toBeGreaterThanOrEqual(reportedBytes)
})

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
