import { DistroError } from '../../base/errors.ts'
import { firstOf } from '../../base/first-of.ts'
import { formatSeconds } from '../../base/format.ts'
import { openFileLimits } from '../../base/open-file-limit.ts'
import { UNKNOWN_NAME } from '../../discovery/static-peers.ts'

/** Peers that the sentence names, and beside them ways of finding others. */
const NAMED = 3
const NAMED_WAYS = 5

/** Who and what was asked, each with what came of it, such as `192.0.2.7:6881 (the connection was refused)`. */
export interface PeerSearch {
  /** Peers that the person or the magnet named. */
  readonly named: readonly string[]
  /** Trackers, the DHT and the local network. */
  readonly ways: readonly string[]
}

/** What a dial ends with where a peer that runs does not know the info-hash, as `wire/peer-socket.ts` says it. */
const HUNG_UP = 'the peer closed the connection'

/** What ends a fetch that found nobody for `seconds`: warnings may have scrolled by long ago, so all that was tried is named once more. */
export function noPeers(seconds: number, { named, ways }: PeerSearch): DistroError {
  const tried = [firstOf(named, NAMED), firstOf(ways, NAMED_WAYS)].filter((phrases) => phrases !== '').join(', ')
  const sentence = `No peer was found within ${formatSeconds(seconds)}${tried === '' ? ', and there was nobody to ask' : `. Tried: ${tried}`}.`
  return new DistroError('NO_PEERS', sentence, { hint: hintFor(named, ways) })
}

function hintFor(named: readonly string[], ways: readonly string[]): string {
  const limit = openFileLimits.find(({ reason }) => [...named, ...ways].some((phrase) => phrase.includes(reason)))
  if (limit !== undefined) return limit.hint
  if (named.length === 0) {
    return 'Is the seed running and reachable? Name it with --peer HOST:PORT, or give --dht-bootstrap on a closed network.'
  }
  if (named.some((phrase) => phrase.includes(HUNG_UP))) {
    return 'A peer that closes the connection may have something else: compare the info-hash with the one that its seed prints.'
  }
  if (named.every((phrase) => phrase.includes(UNKNOWN_NAME))) {
    return 'Is the name spelled as the name servers of this host know it? --peer takes an address as well.'
  }
  return 'Is the seed running, at that address, and does a firewall let it be reached? --peer HOST:PORT names another one.'
}
