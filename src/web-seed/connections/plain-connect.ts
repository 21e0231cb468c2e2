import { connect, type LookupFunction, type Socket, type TcpNetConnectOpts } from 'node:net'
import type { buildConnector } from 'undici'

/**
 * A connector for http that reads into two buffers of its own in turn. Node would make a buffer of 64 KiB for each read, and collecting
 * them took more than a third of the processor time of a fast transfer. A buffer is filled again only when nothing in the socket refers
 * to it, so what comes out of such a socket has to be used, or copied, at once.
 */
export function plainConnect(connectMs: number, lookup: LookupFunction): buildConnector.connector {
  return ({ hostname, port }, done) => {
    const buffers = new ReadBuffers()
    const options: TcpNetConnectOpts = {
      host: hostname,
      port: port === '' ? 80 : Number(port),
      lookup,
      noDelay: true,
      keepAlive: true,
      onread: { buffer: () => buffers.next(), callback: (length, buffer) => buffers.take(buffer, length) },
    }
    // So many bytes may wait before it stops to read; an option that the types of Node 20 do not know.
    const socket = connect({ ...options, ...{ highWaterMark: 2 * READ_BYTES } })
    buffers.socket = socket
    const onError = (error: Error): void => done(error, null)
    socket.once('error', onError)
    socket.setTimeout(connectMs, () => socket.destroy(new DOMException('No connection stands in time.', 'TimeoutError')))
    socket.once('connect', () => {
      socket.off('error', onError)
      socket.setTimeout(0)
      done(null, socket)
    })
  }
}

/** Twice the 256 KiB that a read of most programs has: each read costs its way through the streams of Node, a tenth of a fast transfer's time. */
const READ_BYTES = 524_288

/** Two buffers in turn, and new ones as long as somebody is slow to read. */
class ReadBuffers {
  socket: Socket | undefined
  #current: Buffer | undefined
  #other: Buffer = Buffer.allocUnsafeSlow(READ_BYTES)
  #takenBytes = 0

  /** Hands the filled part of `buffer` to whoever reads the socket; false when it has enough. */
  take(buffer: Uint8Array, length: number): boolean {
    this.#takenBytes = length
    return this.socket?.push(buffer.subarray(0, length)) ?? false
  }

  /** What to fill next: the other buffer, if only what was filled last may still wait in the socket. */
  next(): Buffer {
    const isOtherFree = (this.socket?.readableLength ?? 0) === this.#takenBytes
    const next = isOtherFree ? this.#other : Buffer.allocUnsafeSlow(READ_BYTES)
    this.#other = this.#current ?? Buffer.allocUnsafeSlow(READ_BYTES)
    this.#current = next
    return next
  }
}
