import { isIP } from 'node:net'
import { mayDial, type NetworkScope } from '../base/network-scope.ts'

/** What trackers answer to, such as `/announce`, `/passkey/announce` and `/announce.php`. */
const ANNOUNCE_PATH = /^\/(?:[^/]+\/)*announce(?:\.php)?$/

/**
 * How far into our own network a tracker URL may lead. One that the person typed may lead anywhere. One that a torrent or a magnet
 * names is a stranger's: inside a network it may only ask what every tracker answers to, without parameters of its own, so that
 * nobody can make us send requests of their making to a service in there.
 */
export function trackerScope(url: URL, isTyped: boolean): NetworkScope {
  if (isTyped || url.protocol === 'udp:') return 'host'
  return ANNOUNCE_PATH.test(url.pathname) && url.search === '' ? 'host' : 'public'
}

/** False if the URL names an address outside `scope` outright; names are judged by the addresses that they turn out to have. */
export function isWithinReach(url: URL, scope: NetworkScope): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  return isIP(host) === 0 || mayDial({ host, port: 1 }, scope)
}
