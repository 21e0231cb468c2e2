import type { Socket } from 'node:net'
import { plainHost } from '../wire/compact-address.ts'
import type { Visitor } from '../wire/incoming-quota.ts'
import type { BodySender } from './body-sender.ts'
import { ConnectionLine, type WaitingRequests } from './connection-line.ts'

/** One connection to the web server. */
export class Visit implements Visitor {
  readonly host: string
  /** There is no place for it: it gets one answer, which says so. */
  readonly isSurplus: boolean
  readonly line: ConnectionLine
  /** What is being sent to it now. */
  sender: BodySender | undefined
  readonly #socket: Socket

  constructor(socket: Socket, isSurplus: boolean, waiting: WaitingRequests) {
    this.#socket = socket
    this.host = plainHost(socket.remoteAddress ?? '')
    this.isSurplus = isSurplus
    this.line = new ConnectionLine(waiting)
  }

  evict(): void {
    this.#socket.destroy()
  }

  /** The connection is gone. */
  end(): void {
    this.line.clear()
    this.sender?.close()
    this.sender = undefined
  }
}
