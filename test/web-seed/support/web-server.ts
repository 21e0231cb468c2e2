import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createSecureServer } from 'node:http2'
import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, createServer as createSocketServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsSocketServer, type TLSSocket, type TlsOptions } from 'node:tls'
import { onTestFinished } from 'vitest'
import type { Identity } from './identities.ts'

/** Answers one request. */
export type Answer = (request: IncomingMessage, response: ServerResponse) => void

/** A server on the loopback and what it was asked. */
export interface WebServer {
  /** With a slash at its end. */
  readonly url: string
  readonly port: number
  readonly requests: readonly IncomingMessage[]
}

/** A server that answers with `answer`: over HTTP, or over HTTPS with `identity`; gone when the test is over. */
export async function startServer(answer: Answer, identity?: Identity): Promise<WebServer> {
  const requests: IncomingMessage[] = []
  const listener: Answer = (request, response) => {
    requests.push(request)
    answer(request, response)
  }
  const server = identity === undefined ? createServer(listener) : createTlsServer(identity, listener)
  const port = await listen(server)
  return { url: `${identity === undefined ? 'http' : 'https'}://127.0.0.1:${port}/`, port, requests }
}

/** A server that speaks HTTP/2 where the client offers it. */
export async function startHttp2Server(answer: Answer, identity: Identity): Promise<WebServer> {
  const requests: IncomingMessage[] = []
  // Bodies that nobody reads any more count as memory of the session for as long as it lives, and by default 10 MB are too much.
  const server = createSecureServer({ ...identity, allowHTTP1: true, maxSessionMemory: 1_000 }, (request, response) => {
    requests.push(request as unknown as IncomingMessage)
    answer(request as unknown as IncomingMessage, response as unknown as ServerResponse)
  })
  const port = await listen(server as unknown as Server)
  return { url: `https://127.0.0.1:${port}/`, port, requests }
}

/** A server that is told of each request as the text of its header, and writes to the socket whatever it likes. */
export async function startRawServer(answer: (header: string, socket: Socket) => void): Promise<Omit<WebServer, 'requests'>> {
  const server = createSocketServer((socket) => {
    let text = ''
    socket.on('error', () => socket.destroy())
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1')
      const end = text.indexOf('\r\n\r\n')
      if (end < 0) return
      const header = text.slice(0, end)
      text = text.slice(end + 4)
      answer(header, socket)
    })
  })
  const port = await listen(server)
  return { url: `http://127.0.0.1:${port}/`, port }
}

/** A server over TLS that does with each connection whatever it likes. */
export async function startTlsServer(options: TlsOptions, answer: (socket: TLSSocket) => void): Promise<Omit<WebServer, 'requests'>> {
  const server = createTlsSocketServer(options, (socket) => {
    socket.on('error', () => socket.destroy())
    answer(socket)
  })
  const port = await listen(server as unknown as Server)
  return { url: `https://127.0.0.1:${port}/`, port }
}

async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    const closed = new Promise((resolve) => server.close(resolve))
    for (const socket of sockets) socket.destroy()
    await closed
  })
  return (server.address() as AddressInfo).port
}
