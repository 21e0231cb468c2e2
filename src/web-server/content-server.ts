import { createServer, type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { Clock, Timer } from '../base/clock.ts'
import type { DistroError } from '../base/errors.ts'
import { RateMeter } from '../base/rate.ts'
import type { RateLimit } from '../base/rate-limit.ts'
import { type BoundServer, bindServer } from '../wire/bind-server.ts'
import { type Answer, answerFor, busyAnswer, refusal, refusalOf } from './answer.ts'
import { BodySender } from './body-sender.ts'
import { Catalogue, type Entry, type PublishedContent } from './catalogue.ts'
import { ChunkPool } from './chunk-pool.ts'
import { Places } from './places.ts'
import { readTarget } from './request-target.ts'
import { SendTurns } from './send-turns.ts'
import { Visit } from './visit.ts'
import { WEB_SERVER_LIMITS } from './web-server-limits.ts'

/** How long the server waits for a client, in milliseconds; `WEB_SERVER_LIMITS` says what each means. */
export type ServerPatience = Readonly<Record<'headersTimeoutMs' | 'keepAliveMs' | 'unreadMs', number>>

/** How often clients are looked at that take their answers too slowly. */
const LOOK_EVERY_MS = 10_000

/** What the server needs from the world. */
export interface ContentServerOptions {
  readonly clock: Clock
  readonly content: PublishedContent
  /** An IP address; undefined for all of IPv6 and IPv4. */
  readonly host: string | undefined
  /** 0 for any free port. */
  readonly port: number
  /** Shared with whatever else sends. */
  readonly limit: RateLimit
  /** `WEB_SERVER_LIMITS` when not given. */
  readonly patience?: ServerPatience
  /** The published bytes cannot be given any more: they changed, or the disk failed. */
  onUnreadable(error: DistroError): void
}

/** Serves the files of one torrent over HTTP/1.1, as a web seed (BEP 19) and to whoever asks: GET, HEAD, ranges, conditions. */
export class ContentServer implements AsyncDisposable {
  readonly #options: ContentServerOptions
  readonly #patience: ServerPatience
  readonly #catalogue: Catalogue
  readonly #server: Server
  readonly #places = new Places()
  readonly #visits = new Map<Socket, Visit>()
  readonly #waiting = { bytes: 0 }
  readonly #pool = new ChunkPool()
  readonly #turns: SendTurns
  readonly #meter: RateMeter
  #bound: BoundServer | undefined
  #look: Timer | undefined

  private constructor(options: ContentServerOptions) {
    this.#options = options
    this.#patience = options.patience ?? WEB_SERVER_LIMITS
    const { headersTimeoutMs, keepAliveMs, unreadMs } = this.#patience
    this.#catalogue = new Catalogue(options.content)
    const { connections, surplusConnections } = WEB_SERVER_LIMITS
    this.#turns = new SendTurns(options.limit)
    this.#meter = new RateMeter(options.clock)
    this.#server = createServer({
      noDelay: true,
      maxHeaderSize: WEB_SERVER_LIMITS.headerBytes,
      headersTimeout: headersTimeoutMs,
      requestTimeout: headersTimeoutMs,
      keepAliveTimeout: keepAliveMs,
      connectionsCheckingInterval: headersTimeoutMs / 2,
    })
    this.#server.maxConnections = connections + surplusConnections
    this.#server.setTimeout(unreadMs, (socket) => this.#onSilence(socket))
    this.#server.on('connection', (socket: Socket) => this.#onConnection(socket))
    this.#server.on('clientError', (error, socket) => this.#onBadRequest(error, socket as Socket))
    this.#server.on('request', (request, response) => this.#onRequest(request, response))
  }

  /** Throws LISTEN_FAILED if nobody could listen there, so that long work before `start` is not done in vain. */
  static async check(host: string | undefined, port: number): Promise<void> {
    await (await bindServer(createServer(), host, port)).close()
  }

  /** Listens and serves. Throws LISTEN_FAILED. */
  static async start(options: ContentServerOptions): Promise<ContentServer> {
    const server = new ContentServer(options)
    server.#bound = await bindServer(server.#server, options.host, options.port)
    server.#look = options.clock.every(LOOK_EVERY_MS, () => server.#dropTheSlow())
    return server
  }

  /** The TCP port. */
  get port(): number {
    return this.#bound?.port ?? 0
  }

  /** Bytes of bodies sent since the start. */
  get bytesServed(): number {
    return this.#meter.totalBytes
  }

  /** What is being sent now. */
  get bytesPerSecond(): number {
    return this.#meter.bytesPerSecond()
  }

  /** Open connections, idle ones included. */
  get connections(): number {
    return this.#visits.size
  }

  /** Memory that requests take which wait for others of their connection, in bytes. */
  get waitingBytes(): number {
    return this.#waiting.bytes
  }

  /** Gives out the .torrent too, at `/name.torrent`. */
  addTorrent(bytes: Uint8Array): void {
    this.#catalogue.addTorrent(bytes)
  }

  /** Stops listening and breaks every connection off. */
  async close(): Promise<void> {
    const closed = this.#bound?.close()
    for (const socket of [...this.#visits.keys()]) socket.destroy()
    this.#turns.stop()
    this.#look?.cancel()
    await closed
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #onConnection(socket: Socket): void {
    const visit = new Visit(socket, this.#visits.size >= WEB_SERVER_LIMITS.connections, this.#waiting)
    if (!this.#places.admit(visit)) {
      socket.destroy()
      return
    }
    this.#visits.set(socket, visit)
    socket.once('close', () => {
      this.#visits.delete(socket)
      this.#places.release(visit)
      visit.end()
    })
  }

  /** Nothing came or went for a while. That is the client's fault, unless it is us who make it wait. */
  #onSilence(socket: Socket): void {
    if (this.#visits.get(socket)?.sender?.isHeldBack === true) socket.setTimeout(this.#patience.unreadMs)
    else socket.destroy()
  }

  /** Who takes a byte now and then is never silent, and would keep its place for ever. */
  #dropTheSlow(): void {
    for (const visit of this.#visits.values()) if (visit.sender?.isTooSlow(this.#patience.unreadMs) === true) visit.evict()
  }

  #onRequest(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request
    const visit = this.#visits.get(socket)
    if (visit === undefined) return
    // What was read together with a request that closed the connection.
    if (socket.destroyed) return
    this.#places.settle(visit)
    visit.take(request, () => {
      response.once('close', () => {
        visit.sender?.close()
        visit.sender = undefined
        if (!socket.destroyed) visit.next(this.#options.clock, this.#patience.headersTimeoutMs)
      })
      this.#answer(visit, request, response)
    })
    if (this.#waiting.bytes > WEB_SERVER_LIMITS.waitingBytesInAll) this.#greediest().evict()
  }

  #greediest(): Visit {
    return [...this.#visits.values()].reduce((most, visit) => (visit.waitingBytes > most.waitingBytes ? visit : most))
  }

  /** No request, or one that did not come in time. */
  #onBadRequest(error: NodeJS.ErrnoException, socket: Socket): void {
    const isLate = error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
    const visit = this.#visits.get(socket)
    if (isLate && visit?.excuse() === true) return
    const status = isLate ? 408 : error.code === 'HPE_HEADER_OVERFLOW' ? 431 : 400
    // In the middle of an answer it would be taken for a part of that. Who did not begin to ask is told nothing: libtorrent takes an answer
    // that it did not ask for as a failure, and leaves the web seed alone for a while.
    if (socket.writable && visit?.isIdle === true && socket.bytesRead > 0)
      socket.write(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\n\r\n`)
    socket.destroySoon()
  }

  #answer(visit: Visit, request: IncomingMessage, response: ServerResponse): void {
    const refused = visit.isSurplus ? busyAnswer() : refusalOf(request)
    const found = refused ?? this.#find(request.url ?? '')
    const { status, headers, range, text } = 'status' in found ? found : answerFor(request, found.resource, Date.now())
    response.writeHead(status, headers)
    if (request.method === 'HEAD' || range === undefined || 'status' in found) {
      response.end(request.method === 'HEAD' ? undefined : text)
      return
    }
    visit.sender = new BodySender({
      response,
      range,
      source: found.source,
      pool: this.#pool,
      turns: this.#turns,
      limit: this.#options.limit,
      clock: this.#options.clock,
      onSent: (bytes) => this.#meter.add(bytes),
      onFailed: (error) => {
        request.socket.destroy()
        this.#options.onUnreadable(error)
      },
    })
    visit.sender.start()
  }

  #find(url: string): Entry | Answer {
    const elements = readTarget(url)
    if (elements === undefined) return refusal(400)
    return this.#catalogue.find(elements) ?? refusal(404)
  }
}
