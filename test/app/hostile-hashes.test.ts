import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { PeerAddress } from '../../src/base/address.ts'
import { BLOCK_BYTES, KiB, MiB } from '../../src/base/units.ts'
import type { HashRequest } from '../../src/torrent/hash-request.ts'
import { MerkleTrees } from '../../src/torrent/merkle-trees.ts'
import { encodeHashMessage } from '../../src/wire/hash-message.ts'
import { differingPaths } from '../support/differing-paths.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { until } from '../support/until.ts'
import { handshakeFor, message, readTorrent, startLiar } from './support/evil-peers.ts'
import { loopback } from './support/loopback-request.ts'
import { startFetch, startSeed } from './support/running-verb.ts'
import { writeFiles } from './support/write-files.ts'

const HANDSHAKE_BYTES = 68
const liarHost = '127.0.0.2'

async function published(format: 'v2' | 'hybrid', network = loopback({ bindAddress: '127.0.0.3' }), pieceLengthBytes = 64 * KiB) {
  const root = await temporaryFolder()
  const content = await writeFiles(join(root, 'tree'), { 'a.bin': 4 * MiB + 1, 'b.bin': 100_000 })
  const torrentFile = join(root, 'tree.torrent')
  const seeding = startSeed({ path: content, torrentOut: torrentFile, pieceLengthBytes, format, network })
  const { magnet, listen } = await seeding.event('ready')
  const torrent = await readTorrent(torrentFile)
  const trees = new MerkleTrees(torrent.v2?.info ?? { files: [], pieceLengthBytes }, torrent.pieceLayers)
  return { content, out: join(root, 'out'), torrentFile, magnet, honest: listen[0] as PeerAddress, torrent, trees }
}

/** A peer that speaks raw bytes, and the messages about hashes that it was sent, by their ids. */
class Asker {
  readonly socket: Socket
  #received = Buffer.alloc(0)

  private constructor(socket: Socket) {
    this.socket = socket
    socket.on('error', () => undefined)
    socket.on('data', (chunk) => {
      this.#received = Buffer.concat([this.#received, chunk])
    })
    onTestFinished(() => void socket.destroy())
  }

  static async connect({ host, port }: PeerAddress, infoHash: Uint8Array): Promise<Asker> {
    const socket = connect(port, host)
    const asker = new Asker(socket)
    await once(socket, 'connect')
    socket.write(handshakeFor(infoHash))
    return asker
  }

  ask(...requests: readonly HashRequest[]): void {
    this.socket.write(Buffer.concat(requests.map((request) => message(21, encodeHashMessage({ kind: 'request', request })))))
  }

  get answers(): readonly { readonly id: number; readonly payload: Buffer }[] {
    const answers: { id: number; payload: Buffer }[] = []
    for (let at = HANDSHAKE_BYTES; at + 4 <= this.#received.length; ) {
      const end = at + 4 + this.#received.readUInt32BE(at)
      if (end > this.#received.length) break
      const id = this.#received[at + 4]
      if (id !== undefined && id >= 21 && id <= 23 && end > at + 4) answers.push({ id, payload: this.#received.subarray(at + 5, end) })
      at = end
    }
    return answers
  }
}

describe.each(['v2', 'hybrid'] as const)('a %s torrent', (format) => {
  it('among liars is fetched by its magnet, and nobody but the liar is banned', async () => {
    const network = loopback({ bindAddress: '127.0.0.3', upBytesPerSecond: 8 * MiB })
    const { out, content, torrentFile, magnet, honest } = await published(format, network, 1 * MiB)
    const falsify = (_piece: number, begin: number, body: Uint8Array): void => {
      if (begin % (8 * BLOCK_BYTES) === 0) body[0] = (body[0] as number) ^ 255
    }
    const liar = await startLiar({ torrentFile, root: content, host: liarHost, falsify, upBytesPerSecond: 1 * MiB })
    const fetching = startFetch({ id: magnet, outDir: out, network: loopback({ peers: [liar, honest] }) })
    const { path } = await fetching.result
    expect(await differingPaths(content, path)).toEqual([])
    const banned = fetching.all('peer').filter(({ kind }) => kind === 'banned')
    expect(banned.map(({ address }) => address.host)).toEqual(banned.map(() => liarHost))
  })

  it('has its hashes given to who asks for what there is, and refused to who does not, in order', async () => {
    const { honest, torrent, trees } = await published(format)
    const asker = await Asker.connect(honest, torrent.infoHash)
    const leaves = trees.leafRequest(1)
    if (leaves === undefined) throw new RangeError('a piece has more than one block')
    const layer = { root: leaves.root, baseLayer: 2, index: 0, length: 128, proofLayers: 6 }
    const vain: readonly HashRequest[] = [
      { ...layer, root: new Uint8Array(32).fill(1) },
      { ...layer, length: 0 },
      { ...layer, length: 3 },
      { ...layer, length: 16_384 },
      { ...layer, length: 2 ** 32 - 1, index: 2 ** 32 - 1 },
      { ...layer, index: 64 },
      { ...layer, baseLayer: 2 ** 32 - 1 },
      { ...layer, proofLayers: 2 ** 32 - 1 },
    ]
    asker.ask(layer, ...vain, leaves)
    const answers = await until('answers', async () => (asker.answers.length === 2 + vain.length ? asker.answers : undefined))
    expect(answers.map(({ id }) => id)).toEqual([22, ...vain.map(() => 23), 22])
    const [whole, last] = [answers[0]?.payload, answers.at(-1)?.payload]
    expect(whole?.subarray(48)).toEqual(Buffer.from(trees.answer(layer) ?? []))
    expect(trees.provesLeaves(1, Uint8Array.from(last?.subarray(48) ?? []))).toBe(true)
    for (const [index, request] of vain.entries()) {
      expect(answers[1 + index]?.payload).toEqual(Buffer.from(encodeHashMessage({ kind: 'reject', request })))
    }
  })

  it('is fetched from a seed that is flooded with requests for hashes', async () => {
    const { content, out, honest, magnet, torrent, trees } = await published(format)
    const leaves = trees.leafRequest(0)
    if (leaves === undefined) throw new RangeError('a piece has more than one block')
    const askers = await Promise.all([1, 2, 3].map(() => Asker.connect(honest, torrent.infoHash)))
    for (const asker of askers) {
      // Some read what they get, and one does not.
      if (asker === askers[0]) asker.socket.pause()
      const layer = { root: leaves.root, baseLayer: 2, index: 0, length: 128, proofLayers: 6 }
      asker.ask(...Array.from({ length: 5_000 }, (_, index) => (index % 2 === 0 ? leaves : layer)))
    }
    const fetching = startFetch({ id: magnet, outDir: out, network: loopback({ peers: [honest] }) })
    const { path } = await fetching.result
    expect(await differingPaths(content, path)).toEqual([])
    // Every request is answered, most of them with a refusal: a piece is read only so often.
    const answers = await until('answers', async () => {
      const { answers: heard } = askers[1] as Asker
      return heard.length === 5_000 ? heard : undefined
    })
    expect(answers.filter(({ id }) => id === 23).length).toBeGreaterThan(1_000)
  })

  it('loses whoever sends hashes that nobody asked for', async () => {
    const { honest, torrent, trees } = await published(format)
    const asker = await Asker.connect(honest, torrent.infoHash)
    const request = trees.leafRequest(0)
    if (request === undefined) throw new RangeError('a piece has more than one block')
    const closed = once(asker.socket, 'close')
    asker.socket.write(message(22, encodeHashMessage({ kind: 'hashes', request, hashes: new Uint8Array(request.length * 32) })))
    await closed
  })
})
