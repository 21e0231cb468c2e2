import type { AddressInfo, Server } from 'node:net'
import { DistroError } from '../base/errors.ts'
import { openFileLimit } from '../base/open-file-limit.ts'

/** A port that takes connections. */
export interface BoundServer {
  readonly address: string
  readonly port: number
  /** Frees the port at once; resolves once the connections that are still the server's are gone as well. */
  close(): Promise<void>
}

// What a machine without IPv6 answers to `::`.
const withoutIpv6 = new Set(['EAFNOSUPPORT', 'EADDRNOTAVAIL', 'EPROTONOSUPPORT', 'EINVAL'])

/**
 * Lets `server` listen on `host` and `port` (0 for any); without a host on every address of IPv6 and IPv4, or of IPv4 alone where there
 * is no IPv6. Throws LISTEN_FAILED.
 */
export async function bindServer(server: Server, host: string | undefined, port: number): Promise<BoundServer> {
  try {
    await listen(server, host ?? '::', port)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? ''
    if (host !== undefined || !withoutIpv6.has(code)) throw listenFault(host, port, error)
    try {
      await listen(server, '0.0.0.0', port)
    } catch (secondError) {
      throw listenFault(host, port, secondError)
    }
  }
  // Accepting can fail for a moment (no file descriptor left); the next connection is taken again.
  server.on('error', () => {})
  const bound = server.address() as AddressInfo
  return { address: bound.address, port: bound.port, close: () => new Promise((resolve) => server.close(() => resolve())) }
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port }, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

function listenFault(host: string | undefined, port: number, cause: unknown): DistroError {
  const code = (cause as NodeJS.ErrnoException).code
  const place = host === undefined ? `port ${port}` : `port ${port} of ${host}`
  if (code === 'EADDRINUSE') {
    const hint = 'Choose another port, or 0 for any free one.'
    return new DistroError('LISTEN_FAILED', `Cannot listen on ${place}: another program uses it.`, { hint, cause })
  }
  if (code === 'EACCES') {
    const hint = 'Ports below 1024 are for privileged programs: choose a higher one, or 0 for any free one.'
    return new DistroError('LISTEN_FAILED', `Cannot listen on ${place}: it is not allowed.`, { hint, cause })
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EINVAL') {
    const hint = 'Bind to an IP address of this machine, or to none to use them all.'
    return new DistroError('LISTEN_FAILED', `Cannot listen on ${place}: this machine has no such address.`, { hint, cause })
  }
  const limit = openFileLimit(cause)
  if (limit !== undefined)
    return new DistroError('LISTEN_FAILED', `Cannot listen on ${place}: ${limit.reason}.`, { hint: limit.hint, cause })
  const hint = 'Check the address and the port, and whether this machine lets programs listen.'
  return new DistroError('LISTEN_FAILED', `Cannot listen on ${place} (${code ?? String(cause)}).`, { hint, cause })
}
