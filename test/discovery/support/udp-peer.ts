import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { onTestFinished } from 'vitest'
import type { PeerAddress } from '../../../src/base/address.ts'

/** A datagram and where it came from. */
export interface Received {
  readonly bytes: Uint8Array
  readonly from: RemoteInfo
}

/** A plain UDP socket on loopback that keeps what comes until somebody asks for it; gone when the test is over. */
export class UdpPeer {
  readonly #socket: Socket
  readonly #received: Received[] = []
  readonly #waiting: ((received: Received) => void)[] = []

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('message', (bytes, from) => {
      const next = this.#waiting.shift()
      if (next === undefined) this.#received.push({ bytes, from })
      else next({ bytes, from })
    })
  }

  static async open(host = '127.0.0.1'): Promise<UdpPeer> {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4')
    socket.bind(0, host)
    await once(socket, 'listening')
    onTestFinished(() => new Promise<void>((resolve) => socket.close(() => resolve())))
    return new UdpPeer(socket)
  }

  get address(): PeerAddress {
    const { address, port } = this.#socket.address()
    return { host: address, port }
  }

  /** Datagrams that came and were not taken. */
  get pendingCount(): number {
    return this.#received.length
  }

  send(bytes: Uint8Array, to: PeerAddress): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.send(bytes, to.port, to.host, (error) => (error === null ? resolve() : reject(error)))
    })
  }

  /** Sends one after the other, and lets the receiver in this process keep up. */
  async sendAll(datagrams: Iterable<Uint8Array>, to: PeerAddress): Promise<void> {
    let count = 0
    for (const bytes of datagrams) {
      await this.send(bytes, to)
      if (++count % 32 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
  }

  /** The next datagram, whether it is here or still to come. */
  next(): Promise<Received> {
    const first = this.#received.shift()
    return first === undefined ? new Promise((resolve) => this.#waiting.push(resolve)) : Promise.resolve(first)
  }
}
