import { systemClock } from '../src/base/system-clock.ts'
import { BLOCK_BYTES, GiB, MiB } from '../src/base/units.ts'
import { BlockBatch } from '../src/wire/block-batch.ts'
import type { LinkHandler, OwnHandshake, PeerLink } from '../src/wire/link.ts'
import { TcpTransport } from '../src/wire/tcp-transport.ts'

/**
 * One end of the wire benchmark, as a process of its own: `seed` listens and answers every request from memory, `leech PORT GIB`
 * asks for that many GiB with a window of requests and throws the bytes into a ring of shared memory. Nothing is hashed or stored:
 * the figures are those of the wire floor alone. Each prints what it took, from handshake to close, as one line of JSON.
 */
const pieceBlocks = 64
const pieceBytes = pieceBlocks * BLOCK_BYTES
const pieceCount = 65_536
const windowBlocks = 256
const ringBytes = 32 * MiB

const quiet: LinkHandler = {
  onChoke() {},
  onUnchoke() {},
  onInterested() {},
  onNotInterested() {},
  onHave() {},
  onBitfield() {},
  onHaveAll() {},
  onHaveNone() {},
  onRequest() {},
  onCancel() {},
  onReject() {},
  onSuggest() {},
  onAllowedFast() {},
  onPort() {},
  onExtensionHandshake() {},
  onMetadata() {},
  onPeerExchange() {},
  onDontHave() {},
  onCopy() {},
  onCopyHeard() {},
  onPartQuestion() {},
  onPartSums() {},
  onHashMessage() {},
  onBlockStart: () => -1,
  onBlockEnd() {},
  onReceived() {},
  onSent() {},
  onClose() {},
}

function own(letter: string): OwnHandshake {
  return { infoHash: new Uint8Array(20).fill(1), peerId: new Uint8Array(20).fill(letter.charCodeAt(0)), supportsDht: false }
}

/** Sends batches as requests come, at most four at a time on their way. */
function seed(link: PeerLink): void {
  startCpu = process.cpuUsage()
  const free = Array.from({ length: 4 }, () => new BlockBatch())
  const asked: [number, number, number][] = []
  const pump = (): void => {
    while (asked.length > 0 && free.length > 0) {
      const batch = free.pop() as BlockBatch
      while (asked.length > 0 && !batch.isFull) batch.add(...(asked.shift() as [number, number, number]))
      link.sendBlocks(batch, () => {
        batch.clear()
        free.push(batch)
        pump()
      })
    }
  }
  let isPlanned = false
  link.attach({
    ...quiet,
    onRequest(piece, begin, length) {
      asked.push([piece, begin, length])
      if (!isPlanned) {
        isPlanned = true
        queueMicrotask(() => {
          isPlanned = false
          pump()
        })
      }
    },
    onClose: () => report('seed', 0),
  })
}

/** Keeps the window of requests full, topping it up when a quarter of it is free. */
function leech(link: PeerLink, totalBytes: number): void {
  const totalBlocks = totalBytes / BLOCK_BYTES
  const ring = new Uint8Array(new SharedArrayBuffer(ringBytes))
  let requested = 0
  let received = 0
  const topUp = (): void => {
    while (requested < totalBlocks && requested - received < windowBlocks) {
      link.request(Math.floor(requested / pieceBlocks) % pieceCount, (requested % pieceBlocks) * BLOCK_BYTES, BLOCK_BYTES)
      requested++
    }
  }
  link.setTorrent(pieceCount, ring)
  link.attach({
    ...quiet,
    onBlockStart: (piece, begin) => (piece * pieceBytes + begin) % ringBytes,
    onBlockEnd() {
      received++
      if (requested - received <= windowBlocks * 0.75) topUp()
      if (received === totalBlocks) link.close('done')
    },
    onClose: () => report('leech', totalBytes),
  })
  topUp()
}

let startMs = performance.now()
let startCpu = process.cpuUsage()

function report(side: string, bytes: number): void {
  const cpu = process.cpuUsage(startCpu)
  const rssMiB = Math.round(process.resourceUsage().maxRSS / 1024)
  console.log(
    JSON.stringify({ side, bytes, seconds: (performance.now() - startMs) / 1000, cpuSeconds: (cpu.user + cpu.system) / 1e6, rssMiB }),
  )
  process.exit(0)
}

const [role, port, gib] = process.argv.slice(2)
const transport = new TcpTransport({ clock: systemClock })
if (role === 'seed') {
  const bound = await transport.listen({ host: '127.0.0.1', port: 0, accepts: () => own('s'), onLink: seed })
  console.log(JSON.stringify({ port: bound.port }))
} else {
  transport.dial({ host: '127.0.0.1', port: Number(port) }, own('l'), (outcome) => {
    startMs = performance.now()
    startCpu = process.cpuUsage()
    if ('link' in outcome) leech(outcome.link, Number(gib) * GiB)
    else throw new Error(outcome.failure)
  })
}
