import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { Clock } from '../../../src/base/clock.ts'
import { systemClock } from '../../../src/base/system-clock.ts'
import { encodeHandshake } from '../../../src/wire/handshake.ts'
import type { DialOutcome, OwnHandshake, PeerLink } from '../../../src/wire/link.ts'
import { type ListenRequest, TcpTransport } from '../../../src/wire/tcp-transport.ts'
import { Recorder } from './recorder.ts'

export const infoHash: Uint8Array = new Uint8Array(20).fill(0x11)

/** Our handshake for the torrent of these tests, under a peer id of one repeated letter. */
export function own(letter: string): OwnHandshake {
  return { infoHash, peerId: new Uint8Array(20).fill(letter.charCodeAt(0)), supportsDht: true }
}

/** One side of a transport under test that serves `infoHash` on a free loopback port and keeps the links that come in. */
export class Host implements AsyncDisposable {
  readonly transport: TcpTransport
  readonly links: PeerLink[] = []
  port = 0
  readonly #letter: string
  #onLink: (link: PeerLink) => void = () => {}

  private constructor(letter: string, clock: Clock) {
    this.#letter = letter
    this.transport = new TcpTransport({ clock })
  }

  static async start(letter: string, request: Partial<ListenRequest> = {}, clock: Clock = systemClock): Promise<Host> {
    const host = new Host(letter, clock)
    const bound = await host.transport.listen({
      host: '127.0.0.1',
      port: 0,
      accepts: (hash) => (hash.every((byte, index) => byte === infoHash[index]) ? own(letter) : undefined),
      onLink: (link) => {
        host.links.push(link)
        host.#onLink(link)
      },
      ...request,
    })
    host.port = bound.port
    return host
  }

  /** The next link that comes in. */
  nextLink(): Promise<PeerLink> {
    return new Promise((resolve) => {
      this.#onLink = resolve
    })
  }

  /** Dials another host. */
  dial(port: number, handshake: OwnHandshake = own(this.#letter), host = '127.0.0.1'): Promise<DialOutcome> {
    return new Promise((resolve) => this.transport.dial({ host, port }, handshake, resolve))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.transport.close()
  }
}

/** A link from one host to another, seen from both ends, with a recorder at each. */
export interface LinkedPair extends AsyncDisposable {
  readonly dialled: PeerLink
  readonly accepted: PeerLink
  readonly atDialled: Recorder
  readonly atAccepted: Recorder
}

/** Two hosts and the link between them. */
export async function linkedPair(): Promise<LinkedPair> {
  const [one, other] = await Promise.all([Host.start('a'), Host.start('b')])
  const [accepted, outcome] = await Promise.all([other.nextLink(), one.dial(other.port)])
  if (!('link' in outcome)) throw new Error(outcome.failure)
  const [atDialled, atAccepted] = [new Recorder(), new Recorder()]
  outcome.link.attach(atDialled)
  accepted.attach(atAccepted)
  return {
    dialled: outcome.link,
    accepted,
    atDialled,
    atAccepted,
    [Symbol.asyncDispose]: async () => {
      await one.transport.close()
      await other.transport.close()
    },
  }
}

/** A peer that speaks raw bytes, for what no proper peer would say. */
export class RawPeer implements AsyncDisposable {
  readonly socket: Socket
  /** What came so far. */
  received: Buffer = Buffer.alloc(0)

  private constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', (chunk: Buffer) => {
      this.received = Buffer.concat([this.received, chunk])
    })
    socket.on('error', () => {})
  }

  static async connect(port: number): Promise<RawPeer> {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true })
    await once(socket, 'connect')
    return new RawPeer(socket)
  }

  /** A handshake for the torrent of these tests, with every reserved bit that we know set. */
  static handshake(letter = 'r'): Buffer {
    return Buffer.from(encodeHandshake(own(letter)))
  }

  send(bytes: Uint8Array): void {
    this.socket.write(bytes)
  }

  /** Resolves once the other side has ended the connection. */
  async ended(): Promise<void> {
    if (!this.socket.closed) await new Promise((resolve) => this.socket.once('close', resolve))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.destroy()
    await this.ended()
  }
}

/** A link to a peer that speaks raw bytes. */
export interface RawPair extends AsyncDisposable {
  readonly link: PeerLink
  readonly peer: RawPeer
}

/** A host, a raw peer that shook hands with it and sent `more` right after, and the link between them, to which nobody is attached. */
export async function rawPair(more: Uint8Array = new Uint8Array(0)): Promise<RawPair> {
  const host = await Host.start('a')
  const coming = host.nextLink()
  const peer = await RawPeer.connect(host.port)
  peer.send(Buffer.concat([RawPeer.handshake(), more]))
  return {
    link: await coming,
    peer,
    [Symbol.asyncDispose]: async () => {
      await peer[Symbol.asyncDispose]()
      await host.transport.close()
    },
  }
}
