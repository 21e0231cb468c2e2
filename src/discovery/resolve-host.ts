import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'

/**
 * The addresses of `host`, in the system's order; an address is its own. Empty if the name is unknown, the name servers are silent,
 * or `signal` aborts: whoever asks tries again later. `family` 0 takes IPv4 and IPv6.
 */
export async function resolveHost(host: string, family: 0 | 4 | 6, signal?: AbortSignal): Promise<readonly string[]> {
  const ownFamily = isIP(host)
  if (ownFamily !== 0) return family === 0 || family === ownFamily ? [host] : []
  const addresses = lookup(host, { family, all: true }).then(
    (found) => found.map(({ address }) => address),
    () => [],
  )
  return signal === undefined ? addresses : untilAborted(addresses, signal)
}

/** The system's resolver cannot be stopped, but nobody needs to wait for it. */
function untilAborted(addresses: Promise<readonly string[]>, signal: AbortSignal): Promise<readonly string[]> {
  return new Promise((resolve) => {
    const giveUp = (): void => resolve([])
    if (signal.aborted) giveUp()
    signal.addEventListener('abort', giveUp, { once: true })
    // The signal may live for months and the look-up come again every half hour.
    void addresses.then(resolve).finally(() => signal.removeEventListener('abort', giveUp))
  })
}
