import { randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { PeerAddress } from '../../src/base/address.ts'
import { BLOCK_BYTES, KiB, MiB } from '../../src/base/units.ts'
import { LIMITS } from '../../src/swarm/limits.ts'
import { HANDSHAKE_TIMEOUT_MS } from '../../src/wire/handshake-exchange.ts'
import { differingPaths } from '../support/differing-paths.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { until } from '../support/until.ts'
import { handshakeFor, message, readTorrent, startLiar, startRawPeer } from './support/evil-peers.ts'
import { loopback } from './support/loopback-request.ts'
import { startFetch, startSeed } from './support/running-verb.ts'
import { writeFiles } from './support/write-files.ts'

const pieceLengthBytes = 64 * KiB
const liarHost = '127.0.0.2'
const honestHost = '127.0.0.3'

/** Content, its torrent, and an honest seed of it on an address of its own. */
async function published({ sizeBytes = 4 * MiB + 1, upBytesPerSecond = Number.POSITIVE_INFINITY } = {}) {
  const root = await temporaryFolder()
  const content = await writeFiles(join(root, 'tree'), { 'a.bin': sizeBytes })
  const torrentFile = join(root, 'tree.torrent')
  const network = loopback({ bindAddress: honestHost, upBytesPerSecond })
  const seeding = startSeed({ path: content, torrentOut: torrentFile, pieceLengthBytes, network })
  const { magnet, infoHash, listen } = await seeding.event('ready')
  const honest = listen[0] as PeerAddress
  return { root, content, out: join(root, 'out'), torrentFile, seeding, honest, magnet, infoHash, sizeBytes }
}

const spoil = (body: Uint8Array): void => {
  body[0] = (body[0] as number) ^ 255
}
const everywhere = (_piece: number, _begin: number, body: Uint8Array): void => spoil(body)
const oneIn200 = (piece: number, begin: number, body: Uint8Array): void => {
  if ((piece * pieceLengthBytes + begin) / BLOCK_BYTES === 77) spoil(body)
}
const onlyPiece =
  (bad: number) =>
  (piece: number, _begin: number, body: Uint8Array): void => {
    if (piece === bad) spoil(body)
  }

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

describe('a fetch among liars', () => {
  it.each([
    ['lies in every block', everywhere],
    ['lies in one block of two hundred', oneIn200],
    ['lies in the last piece of one byte only', onlyPiece(256)],
  ])('from one that %s and an honest seed completes, and bans nobody but the liar', async (_, falsify) => {
    const { out, content, torrentFile, honest } = await published({ sizeBytes: 16 * MiB + 1, upBytesPerSecond: 8 * MiB })
    // Until its first piece is hashed it goes on sending: at this rate that would have to take two seconds to matter.
    const liar = await startLiar({ torrentFile, root: content, host: liarHost, falsify, upBytesPerSecond: 2 * MiB })
    const fetching = startFetch({ id: torrentFile, outDir: out, network: loopback({ peers: [liar, honest] }) })
    const { path, downloaded, bytes } = await fetching.result
    expect(await differingPaths(content, path)).toEqual([])
    const banned = fetching.all('peer').filter(({ kind }) => kind === 'banned')
    // Whether a liar was asked for the very block in which it lies is chance; whoever was caught was the liar.
    expect(banned.every(({ address }) => address.host === liarHost)).toBe(true)
    if (falsify === everywhere) expect(banned).toHaveLength(1)
    expect(downloaded - bytes).toBeLessThan(4 * MiB)
  })

  it('who are all alone ends with VERIFY_FAILED after a bounded waste, whatever they lie about', async () => {
    const { root, content, torrentFile, seeding, sizeBytes } = await published({ sizeBytes: 16 * MiB + 1 })
    await seeding.stop()
    const fetches = await Promise.all(
      // Who lies at once is slow, so that little comes before it is found out; who lies at the end has to get there.
      [
        { falsify: everywhere, upBytesPerSecond: MiB },
        { falsify: onlyPiece(256), upBytesPerSecond: 8 * MiB },
      ].map(async (lies, index) => {
        const lie = (host: string) => startLiar({ torrentFile, root: content, host, ...lies })
        const peers = await Promise.all([`127.0.${index}.2`, `127.0.${index}.4`].map(lie))
        return startFetch({ id: torrentFile, outDir: join(root, `out-${index}`), network: loopback({ peers, stallTimeoutMs: 3_000 }) })
      }),
    )
    const kept: number[] = []
    for (const fetching of fetches) {
      await expect(fetching.result).rejects.toMatchObject({ code: 'VERIFY_FAILED', message: expect.stringContaining('2 banned') })
      const keptBytes = fetching.all('progress').at(-1)?.bytesDone ?? 0
      const gone = fetching.all('peer').filter(({ kind }) => kind === 'disconnected')
      expect(sum(gone.map(({ downloadedBytes }) => downloadedBytes))).toBeLessThan(keptBytes + 2 * 4 * MiB)
      kept.push(keptBytes)
    }
    expect(kept[0]).toBe(0)
    expect(kept[1]).toBeLessThan(sizeBytes)
  })
})

describe('a fetch by magnet', () => {
  it('takes the metadata from whoever has it right, and bans whoever sent it wrong', async () => {
    const { out, content, torrentFile, honest, infoHash } = await published()
    const infoBytes = Buffer.from((await readTorrent(torrentFile)).infoBytes)
    spoil(infoBytes)
    const liar = await startLiar({ torrentFile, root: content, host: liarHost, infoBytes })
    const fetching = startFetch({ id: infoHash, outDir: out, network: loopback({ peers: [liar] }) })
    const { address } = await fetching.event('peer', ({ kind }) => kind === 'banned')
    expect(address.host).toBe(liarHost)
    await fetching.stop()
    const beside = startFetch({ id: infoHash, outDir: out, network: loopback({ peers: [liar, honest] }) })
    expect(await differingPaths(content, (await beside.result).path)).toEqual([])
    const banned = beside.all('peer').filter(({ kind }) => kind === 'banned')
    expect(banned.every((peer) => peer.address.host === liarHost)).toBe(true)
  })

  it('survives twelve peers that claim and send ten megabytes of wrong metadata each', async () => {
    const { out, content, torrentFile, honest, infoHash } = await published({ sizeBytes: MiB })
    const infoBytes = randomBytes(10_000_000)
    const hosts = Array.from({ length: 12 }, (_, index) => `127.0.1.${index + 1}`)
    const liars = await Promise.all(hosts.map((host) => startLiar({ torrentFile, root: content, host, infoBytes })))
    const memory = watchMemory()
    const fetching = startFetch({ id: infoHash, outDir: out, network: loopback({ peers: [...liars, honest] }) })
    expect(await differingPaths(content, (await fetching.result).path)).toEqual([])
    expect(memory.growthBytes()).toBeLessThan(100 * MiB)
  })

  it.each([0, -1, 10_000_001, 2 ** 31, 2 ** 53])('is not impressed by a metadata size of %i', async (size) => {
    const { out, content, torrentFile, honest, infoHash } = await published({ sizeBytes: MiB })
    const hash = (await readTorrent(torrentFile)).infoHash
    const bomb = await startRawPeer(liarHost, (socket) => {
      socket.write(handshakeFor(hash))
      socket.write(message(20, `\0d1:md11:ut_metadatai1ee13:metadata_sizei${size}ee`))
    })
    const memory = watchMemory()
    const fetching = startFetch({ id: infoHash, outDir: out, network: loopback({ peers: [bomb, honest] }) })
    expect(await differingPaths(content, (await fetching.result).path)).toEqual([])
    expect(memory.growthBytes()).toBeLessThan(64 * MiB)
  })
})

describe('a fetch beside one honest seed', () => {
  it('does not wait for twenty peers that connect and say nothing', async () => {
    const { out, content, torrentFile, honest } = await published()
    const { infoHash } = await readTorrent(torrentFile)
    const mute = Array.from({ length: 20 }, (_, index) =>
      startRawPeer(`127.0.1.${index + 1}`, (socket) => {
        // Half of them shake hands and leave it at that.
        if (index % 2 === 0) socket.write(handshakeFor(infoHash))
      }),
    )
    const peers = [...(await Promise.all(mute)), honest]
    const fetching = startFetch({ id: torrentFile, outDir: out, network: loopback({ peers }) })
    const { path, seconds } = await fetching.result
    expect(await differingPaths(content, path)).toEqual([])
    // Whoever waits for one of them waits for a whole handshake time-out.
    expect(seconds).toBeLessThan(HANDSHAKE_TIMEOUT_MS / 1_000)
  })

  it('loses to one that sends a byte a second no more than the block that it is sending', async () => {
    const { out, torrentFile, honest, sizeBytes } = await published({ upBytesPerSecond: 4 * MiB })
    const { infoHash } = await readTorrent(torrentFile)
    let begin = (): void => undefined
    const begun = new Promise<void>((resolve) => {
      begin = resolve
    })
    const dripper = await startRawPeer(liarHost, (socket) => {
      socket.write(handshakeFor(infoHash))
      socket.write(Buffer.concat([message(14), message(1)]))
      drip(socket, begin)
    })
    // The honest seed is slow to answer: by then the other one has been asked for something and has begun to send it.
    const late = await startRawPeer('127.0.0.4', (socket) => {
      void begun.then(() => {
        const onward = connect(honest.port, honest.host)
        socket.pipe(onward).pipe(socket)
        socket.on('close', () => onward.destroy())
      })
    })
    const fetching = startFetch({ id: torrentFile, outDir: out, network: loopback({ peers: [dripper, late] }) })
    await fetching.event('peer', ({ kind, address }) => kind === 'connected' && address.host === liarHost)
    const most = await fetching.event('progress', ({ bytesDone }) => bytesDone >= sizeBytes - pieceLengthBytes)
    expect(most.bytesDone).toBeLessThan(sizeBytes)
    expect(most.peers).toBe(2)
  })

  it('drops a peer that streams a frame of two gigabytes, and its memory does not grow', async () => {
    const { out, content, torrentFile, honest } = await published({ upBytesPerSecond: 4 * MiB })
    const { infoHash } = await readTorrent(torrentFile)
    const chunk = Buffer.alloc(MiB)
    const giant = await startRawPeer(liarHost, (socket) => {
      socket.write(handshakeFor(infoHash))
      socket.write(Buffer.from([0x7f, 0xff, 0xff, 0xff, 7]))
      const more = (): void => {
        while (!socket.destroyed && socket.write(chunk));
      }
      socket.on('drain', more)
      more()
    })
    const fetching = startFetch({ id: torrentFile, outDir: out, network: loopback({ peers: [giant, honest] }) })
    const memory = watchMemory()
    const { reason } = await fetching.event('peer', ({ kind, address }) => kind === 'disconnected' && address.host === liarHost)
    expect(reason).toMatch(/2147483647|long|large/i)
    expect(memory.growthBytes()).toBeLessThan(20 * MiB + slotMemoryBytes)
    expect(await differingPaths(content, (await fetching.result).path)).toEqual([])
  })
})

describe('a seed under three hundred connections', () => {
  it.each([
    // Whoever has to wait for them waits until they are given up.
    ['say nothing', false, HANDSHAKE_TIMEOUT_MS],
    // The newcomer waits until it is plain that they want nothing and have nothing.
    ['shake hands and say nothing', true, LIMITS.idleTimeoutMs],
  ])('that %s serves a newcomer, and drops those that are too many', async (_, shakesHands, withinMs) => {
    const { out, content, torrentFile, honest, seeding } = await published({ sizeBytes: 2 * MiB })
    const flood = await attackWith300(honest, shakesHands ? (await readTorrent(torrentFile)).infoHash : undefined)
    const fetching = startFetch({ id: torrentFile, outDir: out, network: loopback({ peers: [honest] }) })
    const { path, seconds } = await fetching.result
    expect(seconds).toBeLessThan(withinMs / 1_000)
    expect(await differingPaths(content, path)).toEqual([])
    await until('end of those that are too many', async () => flood.filter(isOpen).length <= 150 || undefined)
    expect(Math.max(...seeding.all('progress').map(({ peers }) => peers))).toBeLessThanOrEqual(50)
  })

  it('goes on serving the one that was there before', async () => {
    const { out, content, torrentFile, honest } = await published({ sizeBytes: 2 * MiB, upBytesPerSecond: MiB })
    const fetching = startFetch({ id: torrentFile, outDir: out, network: loopback({ peers: [honest] }) })
    await fetching.event('progress', ({ bytesDone }) => bytesDone > 0)
    await attackWith300(honest, (await readTorrent(torrentFile)).infoHash)
    const { path } = await fetching.result
    expect(await differingPaths(content, path)).toEqual([])
    expect(fetching.all('peer').filter(({ kind }) => kind === 'connected')).toHaveLength(1)
  })
})

function isOpen(socket: Socket): boolean {
  return socket.readyState === 'open'
}

/** What a fetch may take for its piece slots, which has nothing to do with what peers say. */
const slotMemoryBytes = 40 * MiB

/** Connections from six addresses; with an info-hash they shake hands, each as somebody else. They end with the test. */
async function attackWith300({ host, port }: PeerAddress, infoHash: Uint8Array | undefined): Promise<readonly Socket[]> {
  const flood = Array.from({ length: 300 }, (_, index) => connect({ host, port, localAddress: `127.0.2.${(index % 6) + 1}` }))
  onTestFinished(() => {
    for (const socket of flood) socket.destroy()
  })
  const opened = flood.map((socket) => new Promise((resolve) => socket.on('error', resolve).on('connect', resolve)))
  for (const socket of flood) socket.resume()
  await Promise.all(opened)
  if (infoHash !== undefined) for (const socket of flood) socket.write(handshakeFor(infoHash))
  return flood
}

/** Begins to answer the first request and goes on at one byte a second. */
function drip(socket: Socket, onBegin: () => void): void {
  let isAnswering = false
  let heard = Buffer.alloc(0)
  socket.on('data', (chunk) => {
    heard = Buffer.concat([heard, chunk])
    const at = heard.indexOf(Buffer.from([0, 0, 0, 13, 6]), 68)
    if (isAnswering || at === -1 || heard.length < at + 17) return
    isAnswering = true
    const header = Buffer.alloc(13)
    header.writeUInt32BE(9 + BLOCK_BYTES)
    header[4] = 7
    header.set(heard.subarray(at + 5, at + 13), 5)
    socket.write(header)
    const timer = setInterval(() => socket.write('x'), 1_000)
    socket.on('close', () => clearInterval(timer))
    onBegin()
  })
}

/** How much this process has grown since now, at its peak. */
function watchMemory(): { growthBytes(): number } {
  const startBytes = liveBytes()
  let peakBytes = startBytes
  const look = (): number => (peakBytes = Math.max(peakBytes, liveBytes()))
  const timer = setInterval(look, 50)
  onTestFinished(() => clearInterval(timer))
  return { growthBytes: () => look() - startBytes }
}

/** What is in use, without what waits to be collected: how much that is, is for the engine to decide. */
function liveBytes(): number {
  collectGarbage()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
