import type { ActivePiece } from './active-pieces.ts'
import type { Peer } from './peer.ts'
import { SmartBan } from './smart-ban.ts'

/** Knows who sent what, who of them is to blame for a wrong piece, and whom not to ask for it again. */
export class Suspicion {
  readonly #peers: ReadonlyMap<number, Peer>
  readonly #smartBan = new SmartBan()
  /** Who stands behind each peer number: peers may leave before their pieces are whole. */
  readonly #names = new Map<number, string>()

  constructor(peers: ReadonlyMap<number, Peer>) {
    this.#peers = peers
  }

  /** True while some piece that failed is not right yet. */
  get hasFailures(): boolean {
    return this.#smartBan.hasFailures
  }

  /** How many senders are remembered. */
  get sendersKnown(): number {
    return this.#names.size
  }

  /** True if `piece` failed before: it should come from one peer alone. */
  hasFailed(piece: number): boolean {
    return this.#smartBan.hasFailed(piece)
  }

  /** `culprit` is who answers for what peer `number` sends. */
  noteSender(number: number, culprit: string): void {
    this.#names.set(number, culprit)
  }

  /** Of those who left, only senders of what is being gathered can still be to blame; the others are forgotten. */
  forgetSenders(gathered: readonly ActivePiece[]): void {
    for (const number of this.#names.keys()) {
      if (!this.#peers.has(number) && !gathered.some(({ senders }) => senders.includes(number))) this.#names.delete(number)
    }
  }

  /** Who sent each block of `active`. */
  sendersOf(active: ActivePiece): string[] {
    return Array.from(active.senders, (number) => this.#nameOf(number))
  }

  /** The piece is wrong; returns who is certainly to blame. `senders` has one name a block. */
  onCorrupt(piece: number, senders: readonly string[], digests: Uint8Array): Iterable<string> {
    return this.#smartBan.onCorrupt(piece, senders, digests)
  }

  /** The piece is right; returns who sent wrong blocks of it before. */
  onRight(piece: number, digests: Uint8Array | undefined): Iterable<string> {
    return digests === undefined ? [] : this.#smartBan.onRight(piece, digests)
  }

  /** True if `peer` can be asked for `piece`; a suspect only when nobody else can be asked for it. */
  mayAsk(peer: Peer, piece: number): boolean {
    if (!peer.canGive(piece)) return false
    if (!this.#isSuspect(peer, piece)) return true
    for (const other of this.#peers.values()) {
      if (!other.isSnubbing && other.canGive(piece) && !this.#isSuspect(other, piece)) return false
    }
    return true
  }

  #isSuspect(peer: Peer, piece: number): boolean {
    return this.#smartBan.isSuspect(piece, this.#nameOf(peer.number))
  }

  #nameOf(number: number): string {
    return this.#names.get(number) ?? ''
  }
}
