import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import type { PeerAddress } from '../base/address.ts'
import { formatAddress } from '../base/address.ts'
import { DistroError } from '../base/errors.ts'
import { openFileLimit } from '../base/open-file-limit.ts'

/** Ports tried after a wanted one that is taken, before the system chooses. */
const NEXT_PORTS = 10

/**
 * A UDP socket bound to `address` (port 0: any). If the port is taken and not `isPortFixed`, the next free one above it.
 * Throws LISTEN_FAILED if there is none or the address is not ours.
 */
export async function bindUdp(address: PeerAddress, isPortFixed: boolean): Promise<Socket> {
  const ports = isPortFixed || address.port === 0 ? [address.port] : portsFrom(address.port)
  let cause: unknown
  for (const port of ports) {
    try {
      return await bindOnce({ host: address.host, port })
    } catch (error) {
      cause = error
      if (codeOf(error) !== 'EADDRINUSE') break
    }
  }
  const other = {
    reason: reasons[codeOf(cause) ?? ''] ?? 'the system refused it',
    hint: 'Choose another --port or --bind address, or leave them out.',
  }
  const { reason, hint } = openFileLimit(cause) ?? other
  throw new DistroError('LISTEN_FAILED', `Cannot listen on UDP ${formatAddress(address)}: ${reason}.`, { hint, cause })
}

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program uses that port',
  EADDRNOTAVAIL: 'this machine has no such address',
  EACCES: 'it is not allowed',
}

async function bindOnce({ host, port }: PeerAddress): Promise<Socket> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4')
  try {
    socket.bind({ address: host, port, exclusive: true })
    await once(socket, 'listening')
    return socket
  } catch (error) {
    socket.close()
    throw error
  }
}

function portsFrom(port: number): readonly number[] {
  const next = Array.from({ length: NEXT_PORTS + 1 }, (_, index) => port + index).filter((candidate) => candidate <= 65_535)
  return [...next, 0]
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
