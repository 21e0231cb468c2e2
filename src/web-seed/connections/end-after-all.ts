import type { Socket } from 'node:net'
import type { buildConnector } from 'undici'

/**
 * Has `socket` tell of its end only to a reader that has taken all before it and asks for more, and of a reset as of any other error.
 * The HTTP client takes either for the end of an answer, which it must not meet while it is paused: an assertion fails then, and the whole
 * process with it.
 */
export function endAfterAll(socket: Socket): void {
  const { push, read, destroy } = socket
  /** The last read found nothing, and nothing came since. */
  let isDry = true
  let isEndHeld = false
  socket.push = (chunk: unknown, encoding?: BufferEncoding): boolean => {
    if (chunk === null && !isDry) {
      isEndHeld = true
      return false
    }
    isDry = chunk === null
    return push.call(socket, chunk, encoding)
  }
  socket.read = (size?: number): unknown => {
    const chunk: unknown = read.call(socket, size)
    // A read of nothing only has more of it come.
    if (size === 0) return chunk
    isDry = chunk === null
    if (isDry && isEndHeld) {
      isEndHeld = false
      push.call(socket, null)
    }
    return chunk
  }
  socket.destroy = (error?: Error): Socket => {
    if (error !== undefined && 'code' in error && error.code === 'ECONNRESET') error.code = 'EPIPE'
    return destroy.call(socket, error)
  }
}

/** A connector of such sockets. */
export function connectEndingAfterAll(connect: buildConnector.connector): buildConnector.connector {
  return (options, done) => {
    connect(options, (error, socket) => {
      if (error !== null) return done(error, null)
      endAfterAll(socket)
      return done(null, socket)
    })
  }
}
