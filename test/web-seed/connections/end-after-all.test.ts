import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { endAfterAll } from '../../../src/web-seed/connections/end-after-all.ts'
import type { RangeRead, WebSeed } from '../../../src/web-seed/web-seed.ts'
import { foreignIdentity, rightIdentity } from '../support/identities.ts'
import { openSeed } from '../support/open-seed.ts'
import type { ReadRange } from '../support/read-range.ts'
import { singleFile } from '../support/sample-content.ts'
import { startProxy } from '../support/start-proxy.ts'
import { startRawServer, startTlsServer } from '../support/web-server.ts'

const sample = singleFile('file', 200_000)
const head = `HTTP/1.1 206 Partial Content\r\ncontent-range: bytes 0-199999/200000\r\ncontent-length: 200000\r\nconnection: close\r\n\r\n`
/** So much comes at once, and then nothing before the read is paused. */
const FIRST_BYTES = 10_000

describe.each(['http', 'https', 'http by a proxy', 'https through a tunnel'] as const)(
  'a server over %s that closes while the read is paused',
  (scheme) => {
    test('after all of the body has given all of it', async () => {
      const { bytes, failure } = await readWithPauses(scheme, (socket) => socket.end(sample.bytes.subarray(FIRST_BYTES)))
      expect(failure).toBeUndefined()
      expect(bytes.equals(sample.bytes)).toBe(true)
    })

    test('in the middle of the body fails', async () => {
      const { failure } = await readWithPauses(scheme, (socket) => socket.end(sample.bytes.subarray(FIRST_BYTES, 150_000)))
      expect(failure).toMatchObject({ isFinal: false })
    })

    test.runIf(!scheme.startsWith('https'))('with a reset fails', async () => {
      const { failure } = await readWithPauses(scheme, (socket) => {
        socket.write(sample.bytes.subarray(FIRST_BYTES, 150_000), () => socket.resetAndDestroy())
      })
      expect(failure).toMatchObject({ isFinal: false })
    })
  },
)

test('the end of a socket is told when a read finds nothing more, and not with the last bytes', async () => {
  const server = await startRawServer(() => undefined)
  const socket = connect(server.port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  await once(socket, 'connect')
  let hasEnded = false
  socket.on('end', () => {
    hasEnded = true
  })
  endAfterAll(socket)
  socket.push(Buffer.from('last'))
  socket.push(null)
  expect(String(socket.read())).toBe('last')
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve))
  expect(hasEnded).toBe(false)
  const ended = once(socket, 'end')
  expect(socket.read()).toBeNull()
  socket.on('readable', () => socket.read())
  await ended
})

type Way = 'http' | 'https' | 'http by a proxy' | 'https through a tunnel'

/** A web seed whose server calls `begin` with what was asked for it. */
async function seedBehind(way: Way, begin: (socket: Socket) => void): Promise<WebSeed> {
  const plain = (): Promise<{ url: string; port: number }> => startRawServer((_request, socket) => begin(socket))
  const secure = (identity: typeof rightIdentity): Promise<{ url: string; port: number }> =>
    startTlsServer(identity, (socket) => void socket.once('data', () => begin(socket)))
  if (way === 'http') return openSeed((await plain()).url, sample)
  if (way === 'https') return openSeed((await secure(rightIdentity)).url, sample, { authorities: rightIdentity.cert })
  // It is its own proxy: what is asked for is not looked at.
  if (way === 'http by a proxy') return openSeed('http://far.example/', sample, { env: { HTTP_PROXY: (await plain()).url } })
  const proxy = await startProxy((await secure(foreignIdentity)).port)
  const env = { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` }
  return openSeed('https://other.example/', sample, { env, authorities: foreignIdentity.cert })
}

/** Reads all with a pause of some turns at each chunk; what `answer` says comes during the first of them. */
async function readWithPauses(scheme: Way, answer: (socket: Socket) => void): Promise<ReadRange> {
  let theirs: Socket | undefined
  const begin = (socket: Socket): void => {
    theirs = socket
    socket.write(head)
    socket.write(sample.bytes.subarray(0, FIRST_BYTES))
  }
  const seed = await seedBehind(scheme, begin)
  const chunks: Buffer[] = []
  let hasAnswered = false
  return new Promise((resolve) => {
    const resumeIn = (turns: number): void => {
      if (turns === 0) read.resume()
      else setImmediate(() => resumeIn(turns - 1))
    }
    const read: RangeRead = seed.read(
      { begin: 0, lengthBytes: 200_000 },
      {
        onBytes: (bytes) => {
          chunks.push(Buffer.from(bytes))
          read.pause()
          if (!hasAnswered && theirs !== undefined) answer(theirs)
          resumeIn(hasAnswered ? 10 : 100)
          hasAnswered = true
        },
        onEnd: (failure) => resolve({ bytes: Buffer.concat(chunks), failure }),
      },
    )
  })
}
