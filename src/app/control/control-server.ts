import { unlink } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'
import { pid } from 'node:process'
import type { Clock } from '../../base/clock.ts'
import { DistroError } from '../../base/errors.ts'
import type { Random } from '../../base/random.ts'
import { type ControlAnswer, encodeAnswer, type RunSummary, type WebSeedChange } from './control-answer.ts'
import { type ControlRequest, decodeRequest } from './control-request.ts'
import { linesOf } from './lines-of.ts'
import { listenForClients, type SocketPlace } from './listen-for-clients.ts'
import type { RunControl } from './run-port.ts'

/** Conversations at once; further ones are told to come back. */
const MAX_CONVERSATIONS = 16
/** How long a client may take for one line, and for reading the answer to it. */
const IDLE_TIMEOUT_MS = 10_000

/** What a control server needs. */
export interface ControlServerOptions {
  /** Absolute. */
  readonly stateDir: string
  readonly run: RunControl
  readonly clock: Clock
  readonly random: Random
}

/** Answers on the control socket of one run, until it is stopped. Nothing that a client does or leaves undone reaches the run. */
export class ControlServer implements AsyncDisposable {
  /** The id of the run, and where its socket is. */
  readonly place: Promise<SocketPlace>
  readonly #server: Server
  readonly #run: RunControl
  readonly #clock: Clock
  readonly #conversations = new Set<Socket>()

  private constructor({ stateDir, run, clock, random }: ControlServerOptions) {
    this.#run = run
    this.#clock = clock
    // Whoever asks may end its side at once, and still hears the answer.
    this.#server = createServer({ allowHalfOpen: true }, (socket) => void this.#converse(socket))
    this.place = listenForClients(this.#server, stateDir, random)
  }

  /** Rejects with what the file system says, or a `DistroError`, where there can be no such socket. */
  static async start(options: ControlServerOptions): Promise<ControlServer> {
    const control = new ControlServer(options)
    await control.place
    return control
  }

  /** Takes the socket out of the folder and hangs up. */
  async stop(): Promise<void> {
    const { path } = await this.place
    await unlink(path).catch(() => undefined)
    const closed = new Promise((resolve) => this.#server.close(resolve))
    for (const conversation of this.#conversations) conversation.destroy()
    await closed
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  /** Reads lines and answers each in its turn: a client that does not read its answers is not read either. */
  async #converse(socket: Socket): Promise<void> {
    // What goes wrong is met below, in whatever waits for the socket then; later nobody cares.
    socket.on('error', () => undefined)
    socket.on('close', () => this.#conversations.delete(socket))
    this.#conversations.add(socket)
    try {
      if (this.#conversations.size > MAX_CONVERSATIONS) throw busy()
      // A line that is too long ends the reading, and is answered before the socket is.
      const lines = linesOf(socket.iterator({ destroyOnReturn: false }))
      for (;;) {
        const line = await this.#inTime(socket, lines.next())
        if (line.done === true) break
        for (const answer of await this.#answersTo(line.value)) await this.#inTime(socket, write(socket, answer))
      }
    } catch (error) {
      if (error instanceof DistroError) await this.#inTime(socket, write(socket, { kind: 'error', error })).catch(() => undefined)
    } finally {
      socket.destroy()
    }
  }

  async #inTime<Value>(socket: Socket, promise: Promise<Value>): Promise<Value> {
    const timer = this.#clock.after(IDLE_TIMEOUT_MS, () => socket.destroy())
    try {
      return await promise
    } finally {
      timer.cancel()
    }
  }

  async #answersTo(line: Uint8Array): Promise<readonly ControlAnswer[]> {
    const request = decodeRequest(line)
    if (!request.ok) return [{ kind: 'error', error: notUnderstood(request.fault) }]
    try {
      if (request.value.ask === 'run') return [{ kind: 'run', run: await this.#summary() }, unchanged]
      const change = await this.#change(request.value)
      const webSeeds = this.#run.webSeeds.list().map((webSeed) => ({ kind: 'web-seed', webSeed }) as const)
      return [...webSeeds, { kind: 'done', change }]
    } catch (error) {
      return [{ kind: 'error', error: error instanceof DistroError ? error : unexpected(error) }]
    }
  }

  async #summary(): Promise<RunSummary> {
    const { id } = await this.place
    const usable = this.#run.webSeeds.list().filter(({ state }) => state !== 'out' && state !== 'leaving')
    return { id, pid, ...this.#run.describe(), webSeeds: usable.length }
  }

  async #change(request: Exclude<ControlRequest, { ask: 'run' }>): Promise<WebSeedChange> {
    const { webSeeds } = this.#run
    switch (request.ask) {
      case 'list-web-seeds':
        return nothing
      case 'add-web-seed':
        return { removed: null, added: await webSeeds.add(request.url) }
      case 'remove-web-seed':
        return { removed: await webSeeds.remove(request.url), added: null }
      case 'replace-web-seed':
        return webSeeds.replace(request.url, request.by)
    }
  }
}

const nothing: WebSeedChange = { removed: null, added: null }
const unchanged: ControlAnswer = { kind: 'done', change: nothing }

function write(socket: Socket, answer: ControlAnswer): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.write(encodeAnswer(answer), (error) => (error ? reject(error) : resolve()))
  })
}

function busy(): DistroError {
  return new DistroError('BUSY', `${MAX_CONVERSATIONS} others ask this run at the same time.`, { hint: 'Try again in a moment.' })
}

function notUnderstood(fault: string): DistroError {
  return new DistroError('USAGE', `The run does not understand what it was asked: ${fault}.`, {
    hint: 'It may be of another version: use the distro that started it.',
  })
}

function unexpected(cause: unknown): DistroError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new DistroError('INTERNAL', `The run met something unexpected: ${reason}`, { cause })
}
