import { connect, type OnReadOpts, Socket } from 'node:net'
import type { PeerAddress } from '../base/address.ts'
import { KiB } from '../base/units.ts'
import { plainHost } from './compact-address.ts'
import { socketFault } from './socket-fault.ts'

/** Who hears of a socket: the handshake first, the link after it. */
export interface PeerSocketListener {
  /** Bytes `start` up to `end` of `chunk` came; they are valid during the call only. */
  onBytes(chunk: Buffer, start: number, end: number): void
  /** The socket is gone, for the reason given; the last call, and not made after `destroy`. */
  onGone(reason: string): void
}

// One for all sockets of the process: whoever gets the bytes is done with them before the next read of any socket.
const receiveBufferBytes = 256 * KiB
let receiveBuffer: Buffer | undefined

/**
 * A TCP socket whose bytes come in a receive buffer shared by the whole process, instead of a fresh one for each read.
 * Node gives that to outgoing connections only (`onread`); an accepted one is moved into a socket of our own making, and where that
 * is not possible it falls back to ordinary reads, which do the same for half as much processor time again.
 */
export class PeerSocket {
  readonly address: PeerAddress
  readonly #socket: Socket
  #listener: PeerSocketListener | undefined
  #isGone = false
  #onReleased: (() => void) | undefined

  /** Connects to `address`, from `localAddress` if that is given; `onConnect` is called once, unless the socket is gone before. */
  static dial(address: PeerAddress, localAddress: string | undefined, onConnect: () => void): PeerSocket {
    const from = localAddress === undefined ? {} : { localAddress }
    const open = (onread: OnReadOpts): Socket => connect({ host: address.host, port: address.port, noDelay: true, onread, ...from })
    const socket = new PeerSocket(address, open)
    socket.#socket.once('connect', () => {
      if (!socket.#isGone) onConnect()
    })
    return socket
  }

  /** Takes over a connection of a server with `pauseOnConnect`; undefined if its peer has left already. */
  static adopt(accepted: Socket): PeerSocket | undefined {
    const { remoteAddress, remotePort } = accepted
    if (remoteAddress !== undefined && remotePort !== undefined) {
      return new PeerSocket({ host: plainHost(remoteAddress), port: remotePort }, (onread) => rehoused(accepted, onread))
    }
    accepted.destroy()
    return undefined
  }

  private constructor(address: PeerAddress, open: (onread: OnReadOpts) => Socket) {
    this.address = address
    receiveBuffer ??= Buffer.allocUnsafeSlow(receiveBufferBytes)
    const callback = (bytes: number, chunk: Uint8Array): boolean => {
      if (!this.#isGone) this.#listener?.onBytes(chunk as Buffer, 0, bytes)
      return true
    }
    this.#socket = open({ buffer: receiveBuffer, callback })
    this.#socket.on('end', () => this.#leave('the peer closed the connection'))
    this.#socket.on('error', (error) => this.#leave(socketFault(error)))
    this.#socket.on('close', () => {
      this.#leave('the connection closed')
      this.#onReleased?.()
    })
  }

  /** From now on `listener` hears of the socket, and nobody else. */
  listen(listener: PeerSocketListener): void {
    this.#listener = listener
  }

  /** Calls `released` once the operating system has the socket back. */
  whenReleased(released: () => void): void {
    this.#onReleased = released
  }

  /** Sends `bytes`, which stay untouched until `taken` is called; that happens for every write, even one that fails. */
  write(bytes: Uint8Array, taken: () => void): void {
    this.#socket.write(bytes, taken)
  }

  /** Sends both in one system call, if the network takes them. */
  writeBoth(first: Uint8Array, firstTaken: () => void, second: Uint8Array, secondTaken: () => void): void {
    this.#socket.cork()
    this.#socket.write(first, firstTaken)
    this.#socket.write(second, secondTaken)
    this.#socket.uncork()
  }

  /** Stops reading; the rest of a chunk that is being delivered still comes. */
  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  /** Ends the connection at once; what the operating system took already is still delivered. */
  destroy(): void {
    this.#isGone = true
    this.#socket.destroy()
  }

  #leave(reason: string): void {
    if (this.#isGone) return
    this.destroy()
    this.#listener?.onGone(reason)
  }
}

/** The handle inside an accepted socket, which Node documents nowhere and has had since its first versions. */
interface HandleOwner {
  _handle?: object | null
}

function rehoused(accepted: Socket, onread: OnReadOpts): Socket {
  const owner = accepted as unknown as HandleOwner
  const handle = owner._handle
  if (handle === undefined || handle === null) {
    accepted.on('data', (chunk: Buffer) => onread.callback(chunk.length, chunk))
    return accepted.resume()
  }
  owner._handle = null
  const socket = new Socket({ handle, readable: true, writable: true, onread } as ConstructorParameters<typeof Socket>[0])
  // Without its handle this closes nothing: it only lets the server forget the connection.
  accepted.destroy()
  return socket
}
