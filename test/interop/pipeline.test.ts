import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { writeFiles } from '../app/support/write-files.ts'
import { differingPaths } from '../support/differing-paths.ts'
import type { DistroProcess } from '../support/distro-process.ts'
import { spawnDistro } from '../support/spawn-distro.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { canMakeNetworks, makeNetwork, type TestNetwork } from '../support/test-network.ts'
import { startPeerScript } from './clients/json-client.ts'

const bytes = 12_000_000
const isolated = ['--no-lsd', '--no-dht']
const plain = ['web-1', 'web-2', 'web-3', 'web-4', 'web-5', 'web-6', 'web-7', 'web-8', 'web-9']

/** A pipeline that pushes a tree to hosts of `network`, from one called `ci`. */
async function pipeline(network: TestNetwork, words: readonly string[]) {
  const root = await temporaryFolder()
  const content = await writeFiles(join(root, 'content'), { 'app.bin': bytes, 'lib/a.so': 30_000, 'lib/b.so': 1 })
  const report = join(root, 'report.json')
  const all = ['push', content, '--json', '--report', report, '--state-dir', join(root, 'ci'), ...isolated, ...words]
  const push = spawnDistro(all, { enter: network.enter('ci') })
  const { magnet } = await push.event('ready')
  return {
    content,
    push,
    magnet: String(magnet),
    folderOf: (host: string) => join(root, host),
    fetch: (host: string, more: readonly string[] = []): DistroProcess => {
      const places = ['--out', join(root, host), '--state-dir', join(root, `state-${host}`), '--host-name', host]
      return spawnDistro(['fetch', String(magnet), '--json', ...isolated, ...places, ...more], { enter: network.enter(host) })
    },
    reported: async (): Promise<unknown> => JSON.parse(await readFile(report, 'utf8')),
  }
}

describe.runIf(canMakeNetworks())('a pipeline with twelve hosts', () => {
  test('ends with 0 when all hold the tree: one was killed and started again, one is behind NAT, one is another client', async () => {
    const network = makeNetwork(['ci', ...plain, 'reborn', 'standard'], ['hidden'])
    const startedMs = Date.now()
    const { content, push, magnet, fetch, folderOf, reported } = await pipeline(network, ['--until-copies', '12', '--timeout', '150s'])
    const killed = fetch('reborn', ['--down-limit', '1M'])
    await killed.event('progress', { accepts: ({ bytesDone }) => Number(bytesDone) > bytes / 10 })
    killed.signal('SIGKILL')
    await killed.exited
    const fetches = [...plain, 'hidden', 'reborn'].map((host) => fetch(host))
    const python = [...network.enter('standard'), '/usr/bin/python3', 'test/interop/clients/libtorrent-peer.py']
    const address = network.addressOf('standard')
    await mkdir(folderOf('standard'))
    await startPeerScript(python, { folder: folderOf('standard'), id: magnet, state: folderOf('standard') }, { address })
    for (const one of fetches) expect(await one.exited, one.output).toEqual({ code: 0, signal: null })
    expect(await push.exited, push.output).toEqual({ code: 0, signal: null })

    for (const host of [...plain, 'hidden', 'reborn', 'standard']) {
      expect(await differingPaths(content, join(folderOf(host), 'content')), host).toEqual([])
    }
    const resumed = fetches.at(-1)?.events('done')[0]
    expect((resumed?.bySource as { local: number } | undefined)?.local).toBeGreaterThan(0)
    const { hosts, ...end } = (await reported()) as { hosts: { name: string | null; address: string; at: string }[] }
    expect(end).toMatchObject({ goal: 12, goalMet: true, error: null, copies: 12 })
    expect(hosts.map(({ name }) => name ?? 'standard').sort()).toEqual([...plain, 'hidden', 'reborn', 'standard'].sort())
    for (const { name, address: seen, at } of hosts) {
      expect(seen.split(':')[0], `${name}`).toBe(network.addressOf(name ?? 'standard'))
      expect(Date.parse(at)).toBeGreaterThanOrEqual(startedMs)
      expect(Date.parse(at)).toBeLessThanOrEqual(Date.now())
    }
  })

  test('ends with 4 at its deadline when one is switched off, and names it', async () => {
    const hosts = [...plain, 'web-10', 'web-11', 'web-12']
    const network = makeNetwork(['ci', ...hosts])
    const list = join(await temporaryFolder(), 'hosts.txt')
    await writeFile(list, hosts.join('\n'))
    const seconds = 30
    const { push, fetch, reported } = await pipeline(network, ['--expect', list, '--timeout', `${seconds}s`])
    const startedMs = Date.now()
    const fetches = hosts.filter((host) => host !== 'web-7').map((host) => fetch(host))
    for (const one of fetches) expect(await one.exited, one.output).toEqual({ code: 0, signal: null })
    expect(push.isRunning).toBe(true)
    expect(await push.exited, push.output).toEqual({ code: 4, signal: null })
    expect((Date.now() - startedMs) / 1_000).toBeLessThan(seconds + 15)
    expect(push.events('error')).toMatchObject([
      { code: 'INCOMPLETE', exitCode: 4, message: `The time of ${seconds} s is over: 11 of 12 copies are complete. Missing: web-7.` },
    ])
    expect(await reported()).toMatchObject({ goal: 12, goalMet: false, error: 'INCOMPLETE', copies: 11 })
    const told = push.events('host').map(({ name, state }) => [name, state])
    expect(told[0]).toEqual(['web-7', 'missing'])
    expect(told.slice(1).every(([, state]) => state === 'complete')).toBe(true)
  })
})
