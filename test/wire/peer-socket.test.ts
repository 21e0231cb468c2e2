import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import { PeerSocket } from '../../src/wire/peer-socket.ts'

interface Accepted extends AsyncDisposable {
  readonly socket: PeerSocket
  readonly client: Socket
  /** What the socket brought, copied, and why it ended. */
  readonly heard: { bytes: Buffer; gone: string[] }
}

/** A connection that `PeerSocket` has adopted, after `disguise` has had its way with it. */
async function accept(disguise: (accepted: Socket) => Socket): Promise<Accepted> {
  const server = createServer({ pauseOnConnect: true, noDelay: true })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = connect((server.address() as { port: number }).port, '127.0.0.1')
  client.on('error', () => {})
  const [[accepted]] = await Promise.all([once(server, 'connection') as Promise<[Socket]>, once(client, 'connect')])
  const socket = PeerSocket.adopt(disguise(accepted)) as PeerSocket
  const heard: Accepted['heard'] = { bytes: Buffer.alloc(0), gone: [] }
  socket.listen({
    onBytes: (chunk, start, end) => {
      heard.bytes = Buffer.concat([heard.bytes, chunk.subarray(start, end)])
    },
    onGone: (reason) => heard.gone.push(reason),
  })
  return {
    socket,
    client,
    heard,
    [Symbol.asyncDispose]: async () => {
      socket.destroy()
      client.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

/** An accepted socket in a Node that hides the handle. */
function withoutHandle(accepted: Socket): Socket {
  return new Proxy(accepted, {
    get(target, name) {
      if (name === '_handle') return undefined
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

async function until(isThere: () => boolean): Promise<void> {
  while (!isThere()) await new Promise(setImmediate)
}

describe.each<[string, (accepted: Socket) => Socket]>([
  ['with its handle', (accepted) => accepted],
  ['in a Node that hides the handle', withoutHandle],
])('an accepted connection %s', (_title, disguise) => {
  test('knows its peer and brings its bytes', async () => {
    await using accepted = await accept(disguise)
    expect(accepted.socket.address).toEqual({ host: '127.0.0.1', port: accepted.client.localPort })
    accepted.client.write('hello')
    await until(() => accepted.heard.bytes.length === 5)
    expect(accepted.heard.bytes.toString()).toBe('hello')
  })

  test('brings nothing while it is paused', async () => {
    await using accepted = await accept(disguise)
    accepted.socket.pause()
    // The peer's end cannot finish writing before somebody reads.
    let isWritten = false
    accepted.client.write(Buffer.alloc(64 << 20), () => {
      isWritten = true
    })
    for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate)
    expect(isWritten).toBe(false)
    expect(accepted.heard.bytes.length).toBeLessThan(1 << 20)
    accepted.socket.listen({ onBytes: () => {}, onGone: () => {} })
    accepted.socket.resume()
    await until(() => isWritten)
  })

  test('sends, and says when the network took it', async () => {
    await using accepted = await accept(disguise)
    const order: string[] = []
    accepted.socket.write(Buffer.from('a'), () => order.push('a'))
    accepted.socket.writeBoth(
      Buffer.from('b'),
      () => order.push('b'),
      Buffer.from('c'),
      () => order.push('c'),
    )
    await until(() => order.length === 3)
    expect(order).toEqual(['a', 'b', 'c'])
    let text = ''
    accepted.client.on('data', (chunk: Buffer) => {
      text += chunk.toString()
    })
    await until(() => text === 'abc')
  })

  test('tells once when its peer has left', async () => {
    await using accepted = await accept(disguise)
    accepted.client.end()
    await until(() => accepted.heard.gone.length > 0)
    await new Promise(setImmediate)
    expect(accepted.heard.gone).toEqual(['the peer closed the connection'])
  })

  test('tells nothing after it was destroyed here', async () => {
    await using accepted = await accept(disguise)
    const released = new Promise<void>((resolve) => accepted.socket.whenReleased(resolve))
    accepted.socket.destroy()
    await released
    expect(accepted.heard.gone).toEqual([])
  })

  test('calls back for a write that fails', async () => {
    await using accepted = await accept(disguise)
    const taken = new Promise<void>((resolve) => accepted.socket.write(Buffer.alloc(64 << 20), resolve))
    accepted.socket.destroy()
    await taken
  })
})

test('a connection whose peer has left before it was taken over is nobody', async () => {
  const server = createServer({ pauseOnConnect: true })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = connect((server.address() as { port: number }).port, '127.0.0.1')
  const [accepted] = (await once(server, 'connection')) as [Socket]
  accepted.destroy()
  await once(accepted, 'close')
  expect(PeerSocket.adopt(accepted)).toBeUndefined()
  client.destroy()
  server.close()
  await once(server, 'close')
})
