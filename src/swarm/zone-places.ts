import type { PeerOrigin } from '../base/address.ts'
import { isNamed } from './address-book.ts'
import type { PeerZone } from './zone.ts'

/** Connections with other zones that a host opens by itself, and a share of all its places at most. */
const OPENED_ACROSS = 4
const OPENED_SHARE = 4
/** With those that others open, so many times as many. */
const MAX_ACROSS_RATIO = 2

/** What must be known of a peer. */
export interface PlacedPeer {
  readonly zone: PeerZone
  readonly origin: PeerOrigin
  /** Something is under way between us. */
  readonly isAtWork: boolean
}

/**
 * How the places for connections are shared out among zones: a few for others, the rest for our own. A host that is alone in its zone
 * gives all of them to others. Every host opens half as many connections across as it takes, so there is always somebody who has room, and
 * where there is none a zone with many connections makes room for one with few: no zone is cut off.
 */
export class ZonePlaces<Placed extends PlacedPeer> {
  readonly #peers: ReadonlyMap<number, Placed>
  readonly #mostPeers: () => number
  readonly #opened: number

  /** There are `maxPeers` places at most, of which `mostPeers` tells how many are given away at the moment. */
  constructor(peers: ReadonlyMap<number, Placed>, maxPeers: number, mostPeers: () => number) {
    this.#peers = peers
    this.#mostPeers = mostPeers
    this.#opened = Math.max(1, Math.min(OPENED_ACROSS, Math.floor(maxPeers / OPENED_SHARE)))
  }

  /** Places that are kept free for peers of other zones; 0 without zones, and where we know nobody of our own. */
  get reserved(): number {
    const { across, isAlone } = this.#census()
    return isAlone ? 0 : Math.max(0, this.#opened - across)
  }

  /** True if peers that are known to be in another zone are worth connecting to. */
  get wantsAcross(): boolean {
    const { across, isAlone } = this.#census()
    return isAlone || across < this.#opened
  }

  /** True if the connections with other zones are so few that none of them should make room for a peer whose zone is not known. */
  get isShortAcross(): boolean {
    const { across, isAlone } = this.#census()
    return !isAlone && across <= this.#opened
  }

  /** Who has to go now that `peer` told its zone, if anybody. */
  surplus(peer: Placed): Placed | undefined {
    if (peer.zone.relation === 'unknown') return undefined
    if (peer.zone.relation === 'same') {
      const isOver = this.#peers.size > this.#mostPeers() - this.reserved
      return isOver && isMovable(peer) ? peer : undefined
    }
    const { across, isAlone } = this.#census()
    if (isAlone || across <= this.#opened * MAX_ACROSS_RATIO) return undefined
    const counts = this.#countByZone()
    const most = Math.max(...counts.values())
    if (counts.get(peer.zone.name) === most) return isMovable(peer) ? peer : undefined
    let newest: Placed | undefined
    for (const other of this.#peers.values()) {
      if (other.zone.relation === 'other' && counts.get(other.zone.name) === most && isMovable(other)) newest = other
    }
    // All of them are at work: only the first of a zone comes in all the same.
    return newest ?? (counts.get(peer.zone.name) === 1 || !isMovable(peer) ? undefined : peer)
  }

  #census(): { readonly across: number; readonly isAlone: boolean } {
    let across = 0
    let isAlone = true
    for (const { zone } of this.#peers.values()) {
      if (zone.relation === 'other') across++
      else if (zone.relation === 'same') isAlone = false
    }
    return { across, isAlone }
  }

  #countByZone(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>()
    for (const { zone } of this.#peers.values()) {
      if (zone.relation === 'other') counts.set(zone.name, (counts.get(zone.name) ?? 0) + 1)
    }
    return counts
  }
}

/** Not one that a person named, and none that is at work. */
function isMovable({ origin, isAtWork }: PlacedPeer): boolean {
  return !isNamed(origin) && !isAtWork
}
