import { type AddressInfo, createServer } from 'node:net'

/** Where both sides of a transfer are. */
export const LOOPBACK = '127.0.0.1'

/** Finds a TCP port that nobody listens on at this moment. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, LOOPBACK, () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}
