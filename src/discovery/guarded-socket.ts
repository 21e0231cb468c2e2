/**
 * The UDP socket of the DHT node, on the outside; on the inside, what the DHT library takes for one.
 * Nothing comes in that `checkKrpc` does not accept, that nobody was asked for, or that is too much; nothing goes out that would serve
 * to attack others. The library's own questions and ours share the socket and the table of transactions.
 */
import type { RemoteInfo, Socket } from 'node:dgram'
import { EventEmitter } from 'node:events'
import { isIPv4 } from 'node:net'
import { networkInterfaces } from 'node:os'
import type { PeerAddress } from '../base/address.ts'
import type { Clock } from '../base/clock.ts'
import { mayDial, type NetworkScope } from '../base/network-scope.ts'
import type { Random } from '../base/random.ts'
import { type Bencodable, encodeBencode } from '../torrent/bencode.ts'
import { AnnounceQuota } from './announce-quota.ts'
import { DatagramQuota } from './datagram-quota.ts'
import { type KrpcAnswer, readKrpcAnswer } from './krpc-answer.ts'
import { checkKrpc, type KrpcMessage, type KrpcMethod } from './krpc-guard.ts'
import { rewriteAnswer, rewriteQuestion, trimReply } from './krpc-rewrite.ts'
import { KrpcTransactions } from './krpc-transactions.ts'

/** What a guarded socket needs to know of the node behind it. */
export interface GuardedSocketOptions {
  readonly clock: Clock
  readonly random: Random
  /** Bound and otherwise unused. */
  readonly socket: Socket
  /** The node's own id, 20 bytes. */
  readonly nodeId: Uint8Array
  /** How far the addresses of the network reach, at this moment. */
  scope(): NetworkScope
  /** Ports that one address may announce for one info-hash. */
  readonly portsPerAddress: number
  /** BEP 43: ask, and answer nobody. */
  readonly isReadOnly: boolean
  /** True if the routing table holds this node at this address. */
  isKnown(id: Uint8Array, address: PeerAddress): boolean
  /** Somebody asked us something who is not in the routing table and might be put to the test. */
  onStranger(address: PeerAddress): void
  /** A node answered the library's `get_peers` for `infoHash`. */
  onAnswer(infoHash: Uint8Array, answer: KrpcAnswer): void
}

/** Datagrams since the start. */
export interface DatagramCounts {
  readonly received: number
  readonly sent: number
  /** How many were dropped, by reason: a fault word of `checkKrpc`, or one of this file. */
  readonly dropped: Readonly<Record<string, number>>
}

/** A question under way: the library's, by its own number, or ours. */
type Question =
  | { readonly asker: 'library'; readonly transaction: Uint8Array; readonly infoHash: Uint8Array | undefined }
  | { readonly asker: 'node'; readonly settle: (answer: KrpcAnswer | undefined) => void }

/** Whatever the library may have collected is trimmed before it leaves; this only bounds the work of doing so. */
const MAX_OUTGOING_BYTES = 65_536
const ANSWER_TIMEOUT_MS = 2_000

export class GuardedSocket extends EventEmitter {
  readonly #options: GuardedSocketOptions
  readonly #socket: Socket
  readonly #ownHosts: ReadonlySet<string>
  readonly #ownPort: number
  readonly #transactions: KrpcTransactions<Question>
  readonly #quota: DatagramQuota
  readonly #announces: AnnounceQuota
  readonly #asking = new Set<(answer: KrpcAnswer | undefined) => void>()
  readonly #dropped = new Map<string, number>()
  #received = 0
  #sent = 0
  #isClosed = false

  constructor(options: GuardedSocketOptions) {
    super()
    this.#options = options
    this.#socket = options.socket
    this.#ownPort = options.socket.address().port
    this.#ownHosts = ownHosts(options.socket.address().address)
    this.#transactions = new KrpcTransactions(options.clock, options.random)
    this.#quota = new DatagramQuota(options.clock)
    this.#announces = new AnnounceQuota(options.clock, options.portsPerAddress)
    this.#socket.on('message', (bytes, from) => this.#receive(bytes, from))
    this.#socket.on('error', () => this.#count('socket error'))
  }

  get counts(): DatagramCounts {
    return { received: this.#received, sent: this.#sent, dropped: Object.fromEntries(this.#dropped) }
  }

  /** Part of what the library expects of a socket; ours is bound before the library sees it. */
  bind(): void {
    queueMicrotask(() => this.emit('listening'))
  }

  /** Part of what the library expects of a socket. */
  address(): ReturnType<Socket['address']> {
    return this.#socket.address()
  }

  /** Part of what the library expects of a socket: sends one of its messages, if it may leave as it is or in a shorter form. */
  send(bytes: Uint8Array, _offset: number, _length: number, port: number, host: string): void {
    this.#count(this.#passOut(bytes, { host, port }))
  }

  /** Part of what the library expects of a socket: questions under way end unanswered, and 'close' follows. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    for (const settle of [...this.#asking]) settle(undefined)
    this.#socket.close(() => this.emit('close'))
  }

  /** Asks one node a question of ours; undefined if no proper answer comes within 2 s. */
  ask(address: PeerAddress, method: KrpcMethod, more: Readonly<Record<string, Bencodable>> = {}): Promise<KrpcAnswer | undefined> {
    if (this.#isClosed || !isIPv4(address.host)) return Promise.resolve(undefined)
    return new Promise((resolve) => {
      const settle = (answer: KrpcAnswer | undefined): void => {
        timer.cancel()
        this.#asking.delete(settle)
        this.#transactions.cancel(id)
        resolve(answer)
      }
      const timer = this.#options.clock.after(ANSWER_TIMEOUT_MS, () => settle(undefined))
      this.#asking.add(settle)
      const id = this.#transactions.open(address.host, address.port, { asker: 'node', settle })
      const details = new Map<string, Bencodable>([['a', new Map(Object.entries({ ...more, id: this.#options.nodeId }))]])
      if (this.#options.isReadOnly) details.set('ro', 1)
      this.#count(this.#transmit(encodeBencode(details.set('q', method).set('t', id).set('y', 'q')), address))
    })
  }

  /** Returns why the message was dropped, as the next ones do. */
  #passOut(bytes: Uint8Array, to: PeerAddress): string | undefined {
    const checked = checkKrpc(bytes, MAX_OUTGOING_BYTES)
    if (!checked.ok) return `outgoing ${checked.fault}`
    const message = checked.value
    if (message.kind !== 'query') {
      const reply = trimReply(bytes, message)
      return reply === undefined ? 'reply too long' : this.#transmit(reply, to)
    }
    const infoHash = message.method === 'get_peers' ? copyOf(bytes, message.infoHashStart, 20) : undefined
    const transaction = copyOf(bytes, message.transactionStart, message.transactionEnd - message.transactionStart)
    const id = this.#transactions.open(to.host, to.port, { asker: 'library', transaction, infoHash })
    return this.#transmit(rewriteQuestion(bytes, message, id, this.#options.isReadOnly), to)
  }

  #receive(bytes: Buffer, from: RemoteInfo): void {
    this.#received++
    if (!this.#isClosed) this.#count(this.#passIn(bytes, { host: from.address, port: from.port }))
  }

  #passIn(bytes: Buffer, from: PeerAddress): string | undefined {
    if (from.port === 0 || this.#isOurs(from)) return 'source'
    const checked = checkKrpc(bytes)
    if (!checked.ok) return checked.fault
    return checked.value.kind === 'query' ? this.#passQuestion(bytes, checked.value, from) : this.#passAnswer(bytes, checked.value, from)
  }

  #passQuestion(bytes: Buffer, message: KrpcMessage, from: PeerAddress): string | undefined {
    if (this.#options.isReadOnly) return 'read-only'
    if (!this.#quota.take(from.host)) return 'rate'
    if (message.method === 'announce_peer') {
      const infoHash = bytes.toString('latin1', message.infoHashStart, message.infoHashStart + 20)
      if (!this.#announces.take(infoHash, from.host, message.announcedPort || from.port)) return 'announce quota'
    }
    const id = copyOf(bytes, message.idStart, 20)
    if (!this.#options.isKnown(id, from)) {
      // The library puts every asker into its table. Under our own id it does not, so only who has answered us gets in.
      bytes.set(this.#options.nodeId, message.idStart)
      if (!message.isReadOnly) this.#options.onStranger(from)
    }
    return this.#deliver(bytes, from)
  }

  #passAnswer(bytes: Buffer, message: KrpcMessage, from: PeerAddress): string | undefined {
    const question = this.#transactions.close(bytes, message.transactionStart, message.transactionEnd, from.host, from.port)
    if (question === undefined) return 'unasked'
    const isWanted = (address: PeerAddress): boolean => mayDial(address, this.#options.scope()) && !this.#isOurs(address)
    const answer = message.kind === 'reply' ? readKrpcAnswer(bytes, message, from, isWanted) : undefined
    if (question.asker === 'node') {
      question.settle(answer)
      return undefined
    }
    if (question.infoHash !== undefined && answer !== undefined) this.#options.onAnswer(question.infoHash, answer)
    return this.#deliver(rewriteAnswer(bytes, message, question.transaction, isWanted), from)
  }

  #isOurs({ host, port }: PeerAddress): boolean {
    return port === this.#ownPort && this.#ownHosts.has(host)
  }

  #deliver(bytes: Uint8Array, from: PeerAddress): string | undefined {
    const message = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    try {
      this.emit('message', message, { address: from.host, port: from.port, family: 'IPv4', size: message.length })
      return undefined
    } catch {
      // The last line of defence: a shape that the guard let through and the library cannot bear costs this datagram, not the process.
      return 'library'
    }
  }

  #transmit(bytes: Uint8Array, { host, port }: PeerAddress): string | undefined {
    if (this.#isClosed) return 'closed'
    if (!isIPv4(host) || port < 1 || port > 65_535) return 'outgoing address'
    this.#sent++
    this.#socket.send(bytes, port, host, (error) => this.#count(error === null ? undefined : 'not sent'))
    return undefined
  }

  #count(reason: string | undefined): void {
    if (reason !== undefined) this.#dropped.set(reason, (this.#dropped.get(reason) ?? 0) + 1)
  }
}

function copyOf(bytes: Uint8Array, start: number, length: number): Uint8Array {
  return new Uint8Array(bytes.subarray(start, start + length))
}

/** The addresses under which a datagram of our own would come back. */
function ownHosts(boundHost: string): ReadonlySet<string> {
  if (boundHost !== '0.0.0.0') return new Set([boundHost])
  return new Set(Object.values(networkInterfaces()).flatMap((addresses) => (addresses ?? []).map(({ address }) => address)))
}
