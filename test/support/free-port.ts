import { randomInt } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'

/** No system hands out these ports by itself (Linux begins at 32768), so nobody gets one by chance before the program is up. */
const [lowest, highest] = [10_000, 32_000]

/** A port of the loopback that is free for TCP and UDP right now, for programs that cannot say which one they took. */
export async function freePort(): Promise<number> {
  const port = randomInt(lowest, highest)
  const server = createServer()
  const socket = createSocket('udp4')
  try {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    socket.bind(port, '127.0.0.1')
    await once(socket, 'listening')
    return port
  } catch {
    return await freePort()
  } finally {
    socket.close()
    server.close()
  }
}
