import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/** A client that sends whatever it is told to, and keeps every line that it hears. */
export class RawClient {
  readonly lines: Readonly<Record<string, unknown>>[] = []
  readonly socket: Socket
  /** Settles when the connection is over. */
  readonly closed: Promise<unknown>
  #text = ''

  constructor(path: string) {
    this.socket = connect(path)
    this.socket.on('error', () => undefined)
    this.closed = new Promise((resolve) => this.socket.on('close', resolve))
    this.socket.setEncoding('utf8').on('data', (text: string) => {
      const lines = (this.#text + text).split('\n')
      this.#text = lines.pop() ?? ''
      this.lines.push(...lines.map((line) => JSON.parse(line) as Record<string, unknown>))
      this.socket.emit('heard')
    })
    onTestFinished(() => void this.socket.destroy())
  }

  send(text: string | Uint8Array): void {
    this.socket.write(text)
  }

  /** The first `count` lines, once they have come. */
  async hear(count: number): Promise<readonly Readonly<Record<string, unknown>>[]> {
    while (this.lines.length < count) await once(this.socket, 'heard')
    return this.lines.slice(0, count)
  }
}
