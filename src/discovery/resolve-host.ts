import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'

/**
 * The addresses of `host`, in the system's order; an address is its own. Empty if the name is unknown or the name servers are silent:
 * whoever asks tries again later. `family` 0 takes IPv4 and IPv6.
 */
export async function resolveHost(host: string, family: 0 | 4 | 6): Promise<readonly string[]> {
  const ownFamily = isIP(host)
  if (ownFamily !== 0) return family === 0 || family === ownFamily ? [host] : []
  try {
    const addresses = await lookup(host, { family, all: true })
    return addresses.map(({ address }) => address)
  } catch {
    return []
  }
}
