import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../src/base/system-clock.ts'
import { KiB } from '../../src/base/units.ts'
import { encodeBencode } from '../../src/torrent/bencode.ts'
import type { PeerLink } from '../../src/wire/link.ts'
import { TcpTransport } from '../../src/wire/tcp-transport.ts'
import { SeededRandom } from '../support/seeded-random.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { until } from '../support/until.ts'
import { Recorder } from '../wire/support/recorder.ts'
import { clients } from './clients/all.ts'
import { isInstalled } from './clients/installed.ts'

const pieceBytes = 64 * KiB
const pieces = 8

/** A file with its torrent of v1. */
async function published() {
  const root = await temporaryFolder()
  const [holder, state, torrent] = [join(root, 'holder'), join(root, 'state'), join(root, 'a.torrent')]
  await Promise.all([mkdir(holder), mkdir(state)])
  const content = new SeededRandom(3).bytes(pieces * pieceBytes)
  const hashes = Array.from({ length: pieces }, (_, piece) =>
    createHash('sha1')
      .update(content.subarray(piece * pieceBytes, (piece + 1) * pieceBytes))
      .digest(),
  )
  const info = new Map(Object.entries({ length: content.length, name: 'image', 'piece length': pieceBytes, pieces: Buffer.concat(hashes) }))
  await Promise.all([writeFile(join(holder, 'image'), content), writeFile(torrent, encodeBencode(new Map([['info', info]])))])
  const infoHash = createHash('sha1').update(encodeBencode(info)).digest()
  return { holder, state, torrent, content, infoHash }
}

// What is missing of a block of which this host has the rest is asked of anybody: see docs/reuse.md.
describe.each(clients.filter(isInstalled))('$name', (client) => {
  test('gives parts of blocks, wherever they begin', async () => {
    const { holder, state, torrent, content, infoHash } = await published()
    const seed = await client.start({ folder: holder, id: torrent, state })
    await seed.finished()
    const transport = new TcpTransport({ clock: systemClock })
    onTestFinished(() => transport.close())
    const own = { infoHash, peerId: new Uint8Array(20).fill(0x41), supportsDht: false }
    const dial = (): Promise<PeerLink | undefined> =>
      new Promise((resolve) => {
        transport.dial({ host: '127.0.0.1', port: seed.port }, own, (outcome) => resolve('link' in outcome ? outcome.link : undefined))
      })
    // Some hang up on the first who comes.
    const link = await until('a connection', dial)
    const memory = new Uint8Array(content.length)
    const peer = new Recorder()
    peer.place = (piece, begin) => piece * pieceBytes + begin
    link.setTorrent(pieces, memory)
    link.attach(peer)
    link.bitfield(new Uint8Array(1))
    link.interested()
    await peer.until(() => peer.named('Unchoke').length > 0)
    const parts = [
      [0, 512, 512],
      [1, 16 * KiB + 7 * 512, 4_608],
      [3, 32 * KiB - 512, 512],
      [7, 48 * KiB + 512, 16 * KiB - 512],
    ] as const
    for (const [piece, begin, length] of parts) link.request(piece, begin, length)
    await peer.until(() => peer.named('BlockEnd').length === parts.length)
    expect(peer.named('BlockEnd').map(([, ...values]) => values)).toEqual(expect.arrayContaining(parts.map((part) => [...part])))
    for (const [piece, begin, length] of parts) {
      const start = piece * pieceBytes + begin
      expect(Buffer.compare(memory.subarray(start, start + length), content.subarray(start, start + length))).toBe(0)
    }
    link.close('done')
  })
})
