import { expect, it } from 'vitest'
import { BLOCK_BYTES, KiB } from '../../../src/base/units.ts'
import { until } from '../../support/until.ts'
import { RealHost } from '../support/real-host.ts'
import { TestTorrent } from '../support/test-torrent.ts'

it('two honest hosts and one that lies: it is banned after its first bad block, and they never are', async () => {
  const torrent = new TestTorrent(64 * BLOCK_BYTES - 1_234, 64 * BLOCK_BYTES)
  const trees = torrent.trees()
  let badBegin: number | undefined
  /** Spoils the first block that it is asked for, and no other. */
  const falsify = (_piece: number, begin: number, bytes: Uint8Array): void => {
    badBegin ??= begin
    if (begin === badBegin) bytes[0] = (bytes[0] as number) ^ 255
  }
  const liar = await RealHost.start(torrent, { host: '127.0.0.2', verified: 'all', trees, falsify, upLimit: 64 * KiB })
  const honest = [
    await RealHost.start(torrent, { host: '127.0.0.3', verified: 'all', trees, upLimit: 4_096 * KiB }),
    await RealHost.start(torrent, { host: '127.0.0.4', verified: 'all', trees, upLimit: 4_096 * KiB }),
  ]
  const leech = await RealHost.start(torrent, { host: '127.0.0.5', trees })
  leech.meets(liar)
  // It has given something, and is too slow to give everything.
  await until('block of the liar', async () => (leech.swarm.status().downloadedBytes > 0 ? true : undefined))
  leech.meets(...honest)
  await until('whole content', async () => (leech.swarm.status().bytesDone === torrent.content.length ? true : undefined))
  expect(Buffer.compare(leech.store.content, torrent.content)).toBe(0)
  expect(leech.store.corrupt).toBe(1)
  expect(leech.banned).toEqual([liar.address.host])
  expect(leech.peerEvents.find(({ kind }) => kind === 'banned')?.reason).toBe('sent wrong data for piece 0')
})
