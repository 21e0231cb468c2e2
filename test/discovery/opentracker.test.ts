import { spawn, spawnSync } from 'node:child_process'
import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { toHex } from '../../src/base/bytes.ts'
import { TrackerPeerSource } from '../../src/discovery/tracker.ts'
import { freePort } from '../support/free-port.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { until } from '../support/until.ts'
import { idOf } from './support/krpc-sample.ts'
import { RecordingListener } from './support/recording-listener.ts'

const program = 'opentracker'
const isInstalled = spawnSync(program, ['--help']).error === undefined

test.runIf(process.env.DISTRO_REQUIRE_PEERS !== undefined)('opentracker is installed where the peers are required', () => {
  expect(isInstalled).toBe(true)
})

describe.runIf(isInstalled)('opentracker (needs the Debian package opentracker)', () => {
  test.each(['http', 'udp'])('brings two transfers together over %s', async (protocol) => {
    const port = await startTracker()
    const url = `${protocol}://127.0.0.1:${port}/announce`
    const seed = await start(url, 1_111, 0)
    await seed.until(({ announced }) => announced === 1)
    const fetch = await start(url, 2_222, 500)
    await fetch.until(({ peers }) => peers.includes('127.0.0.1:1111'))
    expect([...seed.warnings, ...fetch.warnings]).toEqual([])
  })

  test('says why it refuses an info-hash that is not on its list', async () => {
    const port = await startTracker()
    const listener = await start(`http://127.0.0.1:${port}/announce`, 1_111, 0, idOf(8))
    await listener.until(({ warnings }) => warnings.length === 1)
    expect(listener.warnings[0]).toMatch(/^The tracker http:\/\/127\.0\.0\.1:\d+ does not help: it says ".+"; it is asked again later\.$/)
  })
})

/** Listed like the info-hash of the tests, and asked about before them. */
const probe = idOf(9)

/** Runs opentracker with a list that holds the info-hash of the tests; returns its port. */
async function startTracker(): Promise<number> {
  const folder = await temporaryFolder()
  const list = join(folder, 'white-list')
  await writeFile(list, `${toHex(idOf(7))}\n${toHex(probe)}\n`)
  // Started by root it locks itself into its folder and gives up its rights before it reads the list.
  await chmod(folder, 0o755)
  await chmod(list, 0o644)
  const port = await freePort()
  const words = ['-i', '127.0.0.1', '-p', `${port}`, '-P', `${port}`, '-d', '.', '-w', 'white-list']
  const tracker = spawn(program, words, { cwd: folder, stdio: 'ignore' })
  onTestFinished(() => {
    tracker.kill()
  })
  await until('opentracker with its list', () => hasReadList(port))
  return port
}

/** It listens first and reads its list in another thread: before that it refuses everything. */
async function hasReadList(port: number): Promise<true | undefined> {
  const infoHash = toHex(probe).replaceAll(/../g, '%$&')
  const about = `info_hash=${infoHash}&peer_id=${'p'.repeat(20)}&port=1&uploaded=0&downloaded=0&left=0&compact=1`
  const answer = await fetch(`http://127.0.0.1:${port}/announce?${about}`, { headers: { connection: 'close' } })
  return (await answer.text()).includes('failure reason') ? undefined : true
}

async function start(url: string, listenPort: number, bytesLeft: number, infoHash: Uint8Array = idOf(7)): Promise<RecordingListener> {
  const peerId = new Uint8Array(20).fill(listenPort)
  const source = new TrackerPeerSource({ tiers: [[url]], infoHash, peerId, listenPort, bytesLeft })
  const listener = new RecordingListener()
  onTestFinished(() => source.stop())
  await source.start(listener)
  return listener
}
