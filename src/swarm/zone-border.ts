import type { Bitfield } from '../base/bitfield.ts'
import type { Clock } from '../base/clock.ts'
import { KiB } from '../base/units.ts'
import type { ActivePiece } from './active-pieces.ts'
import type { PieceLayout } from './piece-layout.ts'
import type { PeerZone } from './zone.ts'
import { weightSeed, zoneWeight } from './zone-weight.ts'

/** What the border must know of a peer. */
export interface BorderPeer {
  readonly zone: PeerZone
  readonly pieces: Bitfield | undefined
  readonly isUploadOnly: boolean
  readonly isChoking: boolean
  readonly isSnubbing: boolean
  readonly amInterested: boolean
  readonly requests: { readonly size: number }
  readonly lastUsefulMs: number
  readonly downMeter: { bytesPerSecond(): number }
  readonly peerId: Uint8Array
}

/** What comes from one other zone at the same time: these pieces, so many bytes, or what comes in this time, whatever is most. */
const FEWEST_CROSSING = 2
const CROSSING_BYTES = 512 * KiB
const CROSSING_SECONDS = 1

/** A host that is not meant for a piece waits so many times as long as a piece takes to cross. */
const PATIENCE = 3
const SHORTEST_PATIENCE_MS = 2_000
const LONGEST_PATIENCE_MS = 300_000
/** What crosses at least, as long as nothing was measured. */
const ASSUMED_BYTES_PER_SECOND = 512 * KiB

/** A host of our zone that has what we want and gives nothing for so long does not count as one that has it. */
const GIVES_NOTHING_MS = 10_000

/** A host of our own zone. */
interface Mate {
  readonly seed: number
  /** What was counted of it; the set grows as the peer's does. */
  readonly pieces: Bitfield
  /** It fetches what it lacks. */
  readonly isCarrier: boolean
  /** What it has counts as being in our zone. */
  isTrusted: boolean
  wantedSinceMs: number
  distrustedMs: number
}

/** A piece on its way from another zone. */
interface Crossing {
  readonly active: ActivePiece
  readonly zone: string
  readonly sinceMs: number
}

/**
 * Lets each piece into our zone about once. A peer of another zone is asked for a piece only if no host of ours has it, and only by
 * the one host that is meant for it (`zoneWeight`), as far as we know: there are no messages for it. Hosts that are not meant for a
 * piece take it all the same once they have nothing else to get across and the piece has not come in the time in which several could
 * have crossed; each further time-out lets in twice as many of them. So nothing that a host of our zone says, does or leaves undone can
 * keep a piece from us for long.
 *
 * Costs O(1) a message, and a look at every piece when a host of our zone comes or goes. With hosts of our zone that tell us of no
 * pieces, or none at all, everything may be asked of anybody.
 */
export class ZoneBorder {
  readonly #clock: Clock
  readonly #layout: PieceLayout
  readonly #ownSeed: number
  readonly #peers: ReadonlyMap<number, BorderPeer>
  readonly #mates = new Map<BorderPeer, Mate>()
  /** How many trusted hosts of our zone have each piece. */
  readonly #holders: Uint16Array
  /** How many that lack it are meant for it before us. */
  readonly #rank: Uint16Array
  /** Since when each piece could be had from another zone and not from ours; `Infinity` while nobody has it. */
  readonly #missedMs: Float64Array
  /** The pieces that come across, with when they began. */
  readonly #crossing = new Map<number, Crossing>()
  /** What comes from each other zone, in bytes a second. */
  readonly #rates = new Map<string, number>()
  /** How long pieces took to cross of late; 0 before the first. */
  #crossingMs = 0
  /** When something that we are meant for crossed last. */
  #busyMs: number
  #nowMs: number

  constructor(clock: Clock, layout: PieceLayout, peerId: Uint8Array, peers: ReadonlyMap<number, BorderPeer>) {
    this.#clock = clock
    this.#layout = layout
    this.#ownSeed = weightSeed(peerId)
    this.#peers = peers
    this.#holders = new Uint16Array(layout.pieceCount)
    this.#rank = new Uint16Array(layout.pieceCount)
    this.#missedMs = new Float64Array(layout.pieceCount).fill(Number.POSITIVE_INFINITY)
    this.#nowMs = clock.nowMs()
    this.#busyMs = this.#nowMs
  }

  /** The zone or the whole set of pieces of `peer` became known, or what it is after changed. */
  onPieces(peer: BorderPeer): void {
    const { pieces, zone } = peer
    if (pieces === undefined) return
    if (zone.relation === 'other') {
      for (const piece of pieces.members()) this.#miss(piece)
    } else if (zone.relation === 'same') {
      const known = this.#mates.get(peer)
      // Who wants nothing more stays like that: whoever says the same again, or now this and now that, must not cost us a look at every piece.
      const isCarrier = !peer.isUploadOnly && known?.isCarrier !== false
      if (known?.pieces === pieces && known.isCarrier === isCarrier) return
      this.onLeave(peer)
      const mate: Mate = {
        seed: weightSeed(peer.peerId),
        pieces,
        isCarrier,
        isTrusted: true,
        wantedSinceMs: this.#nowMs,
        distrustedMs: 0,
      }
      this.#mates.set(peer, mate)
      this.#count(mate, 1)
    }
  }

  /** `peer` got `piece`, which is in its set already. */
  onPiece(peer: BorderPeer, piece: number): void {
    if (peer.zone.relation === 'other') this.#miss(piece)
    const mate = this.#mates.get(peer)
    if (mate === undefined) return
    if (mate.isCarrier) this.#rankOut(mate, piece, -1)
    if (mate.isTrusted) this.#hold(piece, 1)
  }

  /** `peer` took `piece` back, which is out of its set already. */
  onLostPiece(peer: BorderPeer, piece: number): void {
    const mate = this.#mates.get(peer)
    if (mate === undefined) return
    if (mate.isCarrier) this.#rankOut(mate, piece, 1)
    if (mate.isTrusted) this.#hold(piece, -1)
  }

  onLeave(peer: BorderPeer): void {
    const mate = this.#mates.get(peer)
    if (mate === undefined) return
    this.#count(mate, -1)
    this.#mates.delete(peer)
  }

  /** True if the border has no say about what `peer` is asked for. */
  isOpenTo(peer: BorderPeer): boolean {
    return peer.zone.relation !== 'other' || this.#mates.size === 0
  }

  /** True if one more piece may be begun with `peer` and the others of its zone: zones have a line each. */
  hasRoomFor(peer: BorderPeer): boolean {
    const { name } = peer.zone
    const bytes = Math.max(CROSSING_BYTES, (this.#rates.get(name) ?? 0) * CROSSING_SECONDS)
    return this.#underWay(name) < Math.max(FEWEST_CROSSING, Math.ceil(bytes / this.#layout.usualPieceBytes))
  }

  /** True if `piece` may be begun with a peer of another zone; `hasRoomFor` is another question. */
  mayBegin(piece: number): boolean {
    if ((this.#holders[piece] as number) > 0) return false
    const rank = this.#rank[piece] as number
    if (rank === 0) return true
    const sinceMs = Math.max(this.#missedMs[piece] as number, this.#busyMs)
    const timeOuts = Math.floor((this.#nowMs - sinceMs) / this.#patienceMs())
    return rank < 2 ** timeOuts && this.#underWay() === 0
  }

  /** True if a peer of another zone may be asked for more of `piece`, which was begun across. */
  mayGoOn(piece: number): boolean {
    return this.#crossing.has(piece) && this.#holders[piece] === 0
  }

  /** True if `piece` has been crossing for so long that somebody else in another zone may be asked for the same blocks. */
  isLate(piece: number): boolean {
    const crossing = this.#crossing.get(piece)
    return crossing !== undefined && this.mayGoOn(piece) && this.#clock.nowMs() - crossing.sinceMs > this.#patienceMs()
  }

  /** `peer`, which is of another zone, gathers `active` from now on. */
  onBegin(active: ActivePiece, peer: BorderPeer): void {
    const nowMs = this.#clock.nowMs()
    const known = this.#crossing.get(active.piece)
    const sinceMs = known?.active === active ? known.sinceMs : nowMs
    this.#crossing.set(active.piece, { active, zone: peer.zone.name, sinceMs })
    if (this.#rank[active.piece] === 0) this.#busyMs = nowMs
  }

  /** `active` is whole. */
  onWhole(active: ActivePiece): void {
    const crossing = this.#crossing.get(active.piece)
    if (crossing === undefined) return
    const nowMs = this.#clock.nowMs()
    const tookMs = nowMs - crossing.sinceMs
    this.#crossingMs = this.#crossingMs === 0 ? tookMs : 0.7 * this.#crossingMs + 0.3 * tookMs
    if (this.#rank[active.piece] === 0) this.#busyMs = nowMs
    this.#crossing.delete(active.piece)
  }

  /** `active` was given up. */
  onGivenUp(active: ActivePiece): void {
    this.#crossing.delete(active.piece)
  }

  /** Called once a second. */
  onTick(nowMs: number): void {
    this.#nowMs = nowMs
    this.#rates.clear()
    for (const { zone, downMeter } of this.#peers.values()) {
      if (zone.relation === 'other') this.#rates.set(zone.name, (this.#rates.get(zone.name) ?? 0) + downMeter.bytesPerSecond())
    }
    for (const { active } of this.#crossing.values()) if (!active.isIdle && this.#rank[active.piece] === 0) this.#busyMs = nowMs
    for (const [peer, mate] of this.#mates) this.#judge(peer, mate, nowMs)
  }

  /** What a host of our zone says that it has counts as long as it gives, or was not asked to. */
  #judge(peer: BorderPeer, mate: Mate, nowMs: number): void {
    if (!mate.isTrusted) {
      if (peer.lastUsefulMs <= mate.distrustedMs) return
      mate.isTrusted = true
      for (const piece of mate.pieces.members()) this.#hold(piece, 1)
      return
    }
    const isAsked = peer.amInterested && (peer.isChoking || peer.isSnubbing || peer.requests.size > 0)
    if (!isAsked) mate.wantedSinceMs = nowMs
    if (nowMs - Math.max(mate.wantedSinceMs, peer.lastUsefulMs) < GIVES_NOTHING_MS) return
    mate.isTrusted = false
    mate.distrustedMs = nowMs
    for (const piece of mate.pieces.members()) this.#hold(piece, -1)
  }

  #count(mate: Mate, direction: 1 | -1): void {
    for (let piece = 0; piece < this.#rank.length; piece++) {
      if (!mate.pieces.has(piece)) {
        if (mate.isCarrier) this.#rankOut(mate, piece, direction)
      } else if (mate.isTrusted) this.#hold(piece, direction)
    }
  }

  #rankOut(mate: Mate, piece: number, direction: 1 | -1): void {
    if (zoneWeight(mate.seed, piece) > zoneWeight(this.#ownSeed, piece)) this.#rank[piece] = (this.#rank[piece] as number) + direction
  }

  #hold(piece: number, direction: 1 | -1): void {
    const holders = (this.#holders[piece] as number) + direction
    this.#holders[piece] = holders
    if (holders === 0 && this.#missedMs[piece] !== Number.POSITIVE_INFINITY) this.#missedMs[piece] = this.#nowMs
  }

  #miss(piece: number): void {
    this.#missedMs[piece] = Math.min(this.#missedMs[piece] as number, this.#nowMs)
  }

  /** Pieces of which blocks are being asked for, of one zone or of all others. */
  #underWay(name?: string): number {
    let count = 0
    for (const { active, zone } of this.#crossing.values()) if (!active.isIdle && (name === undefined || zone === name)) count++
    return count
  }

  #patienceMs(): number {
    const assumedMs = (1_000 * this.#layout.usualPieceBytes) / ASSUMED_BYTES_PER_SECOND
    return Math.min(LONGEST_PATIENCE_MS, Math.max(SHORTEST_PATIENCE_MS, PATIENCE * (this.#crossingMs || assumedMs)))
  }
}
