import { connect } from 'node:net'

/** True when something accepts connections on this port of 127.0.0.1; undefined, for `until`, when nothing does. */
export async function isListening(port: number): Promise<true | undefined> {
  return await new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(undefined))
  })
}
