import { createServer, isIPv4, type Socket } from 'node:net'
import type { PeerAddress } from '../base/address.ts'
import type { Clock } from '../base/clock.ts'
import { type BoundServer, bindServer } from './bind-server.ts'
import { exchangeHandshakes } from './handshake-exchange.ts'
import { IncomingQuota, type Visitor } from './incoming-quota.ts'
import type { Dialer, DialOutcome, OwnHandshake, PeerLink } from './link.ts'
import { PeerSocket } from './peer-socket.ts'

/** How long the peer's machine may take to answer a dial. */
export const CONNECT_TIMEOUT_MS = 8_000

const shutdownReason = 'we are shutting down'

/** What a transport needs from the world. */
export interface TcpTransportOptions {
  readonly clock: Clock
  /** The IP address to dial from; undefined or an unspecified address leaves the choice to the operating system. */
  readonly localAddress?: string | undefined
}

/** Where to listen, and what to do with who comes. */
export interface ListenRequest {
  /** An IP address; undefined for all of IPv6 and IPv4. */
  readonly host?: string | undefined
  /** 0 for any free port. */
  readonly port: number
  /** Incoming connections per address, 64 at least for loopback addresses; default 3. Hosts that share an address (NAT) need more. */
  readonly maxPerAddress?: number | undefined
  /** Incoming connections that have not shaken hands; default 100. */
  readonly maxWithoutHandshake?: number | undefined
  /** Our handshake for a torrent that we serve, or undefined. */
  accepts(infoHash: Uint8Array): OwnHandshake | undefined
  /** Gets every incoming link past both handshakes. */
  onLink(link: PeerLink): void
}

/** Peer links over TCP, both ways. It keeps account of its sockets, so that `close` leaves nothing open. */
export class TcpTransport implements Dialer, AsyncDisposable {
  readonly #clock: Clock
  readonly #localAddress: string | undefined
  readonly #servers = new Set<BoundServer>()
  /** Every socket that the operating system has not got back, and how to end what it is used for. */
  readonly #sockets = new Map<PeerSocket, () => void>()
  #isClosed = false
  #onEmpty: (() => void) | undefined

  constructor(options: TcpTransportOptions) {
    this.#clock = options.clock
    this.#localAddress = options.localAddress === '0.0.0.0' || options.localAddress === '::' ? undefined : options.localAddress
  }

  dial(address: PeerAddress, own: OwnHandshake, done: (outcome: DialOutcome) => void): { cancel(): void } {
    const impossible = this.#whyNotDial(address)
    if (impossible !== undefined) return failLater(impossible, done)
    let giveUp = (): void => {
      timer.cancel()
      socket.destroy()
    }
    const fail = (failure: string): void => {
      giveUp()
      done({ failure, spokeBitTorrent: false })
    }
    const socket = PeerSocket.dial(address, this.#localAddress, () => {
      timer.cancel()
      giveUp = exchangeHandshakes(socket, { direction: 'outgoing', own }, this.#clock, (outcome) => {
        if ('link' in outcome) this.#sockets.set(socket, () => outcome.link.close(shutdownReason))
        giveUp = () => {}
        done(outcome)
      })
    })
    const timer = this.#clock.after(CONNECT_TIMEOUT_MS, () => fail('no answer within 8 s'))
    socket.listen({ onBytes: () => {}, onGone: fail })
    this.#track(socket, () => giveUp())
    return { cancel: () => giveUp() }
  }

  /** Takes incoming connections until it is closed; links outlive it. Throws LISTEN_FAILED. */
  async listen(request: ListenRequest): Promise<{ readonly port: number; readonly address: string; close(): void }> {
    const quota = new IncomingQuota(request.maxPerAddress ?? 3, request.maxWithoutHandshake ?? 100)
    const listener = createServer({ pauseOnConnect: true, noDelay: true }, (socket) => this.#receive(socket, request, quota))
    const server = await bindServer(listener, request.host, request.port)
    if (this.#isClosed) void server.close()
    else this.#servers.add(server)
    const close = (): void => {
      if (this.#servers.delete(server)) void server.close()
    }
    return { port: server.port, address: server.address, close }
  }

  /** Stops listening, ends every dial and link, and resolves once the operating system has all sockets back. */
  async close(): Promise<void> {
    this.#isClosed = true
    const serversClosed = [...this.#servers].map((server) => server.close())
    this.#servers.clear()
    for (const end of [...this.#sockets.values()]) end()
    if (this.#sockets.size > 0) {
      await new Promise<void>((resolve) => {
        this.#onEmpty = resolve
      })
    }
    await Promise.all(serversClosed)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #receive(accepted: Socket, request: ListenRequest, quota: IncomingQuota): void {
    const socket = PeerSocket.adopt(accepted)
    if (socket === undefined) return
    let giveUp = (): void => socket.destroy()
    const visitor: Visitor = { host: socket.address.host, evict: () => giveUp() }
    this.#track(
      socket,
      () => giveUp(),
      () => quota.release(visitor),
    )
    if (this.#isClosed || !quota.admit(visitor)) {
      socket.destroy()
      return
    }
    const accepts = (infoHash: Uint8Array): OwnHandshake | undefined => request.accepts(infoHash)
    giveUp = exchangeHandshakes(socket, { direction: 'incoming', accepts }, this.#clock, (outcome) => {
      if ('failure' in outcome) return
      quota.settle(visitor)
      this.#sockets.set(socket, () => outcome.link.close(shutdownReason))
      request.onLink(outcome.link)
    })
  }

  #track(socket: PeerSocket, end: () => void, onReleased?: () => void): void {
    this.#sockets.set(socket, end)
    socket.whenReleased(() => {
      this.#sockets.delete(socket)
      onReleased?.()
      if (this.#sockets.size === 0) this.#onEmpty?.()
    })
  }

  #whyNotDial(address: PeerAddress): string | undefined {
    if (this.#isClosed) return shutdownReason
    // Not `isIPv6`: compiling its regular expression takes 3.5 ms, between the start of a fetch and its first dial.
    if (this.#localAddress === undefined || isIPv4(this.#localAddress) === isIPv4(address.host)) return undefined
    return `${this.#localAddress} cannot reach ${isIPv4(address.host) ? 'an IPv4' : 'an IPv6'} address`
  }
}

function failLater(failure: string, done: (outcome: DialOutcome) => void): { cancel(): void } {
  let isCancelled = false
  queueMicrotask(() => {
    if (!isCancelled) done({ failure, spokeBitTorrent: false })
  })
  return {
    cancel: () => {
      isCancelled = true
    },
  }
}
