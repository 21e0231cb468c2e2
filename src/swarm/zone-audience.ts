import type { Bitfield } from '../base/bitfield.ts'
import type { PeerZone } from './zone.ts'
import { weightSeed, zoneWeight } from './zone-weight.ts'

/** What the audience must know of a peer. */
export interface Listener {
  readonly zone: PeerZone
  readonly pieces: Bitfield | undefined
  readonly isUploadOnly: boolean
  readonly link: { readonly peer: { readonly peerId: Uint8Array } }
}

/**
 * Whom an origin in a zone guides: the hosts of its own zone while there are any that want something, because the others get the pieces
 * from all of them; else everybody, each host with the pieces that it is meant for in its own zone and would take across its border.
 */
export class ZoneAudience {
  readonly #peers: ReadonlyMap<number, Listener>

  constructor(peers: ReadonlyMap<number, Listener>) {
    this.#peers = peers
  }

  /** True if a piece that `peer` has or takes is out, as far as our zone is concerned. */
  counts(peer: Listener): boolean {
    return peer.zone.relation !== 'other' || !this.#isOursWaiting()
  }

  /** True if `peer` may be advised to take `piece`. */
  suits(peer: Listener, piece: number): boolean {
    if (peer.zone.relation !== 'other') return true
    if (this.#isOursWaiting()) return false
    const weight = zoneWeight(weightSeed(peer.link.peer.peerId), piece)
    for (const other of this.#peers.values()) {
      if (other === peer || other.zone.name !== peer.zone.name || other.isUploadOnly || other.pieces?.has(piece) === true) continue
      if (zoneWeight(weightSeed(other.link.peer.peerId), piece) > weight) return false
    }
    return true
  }

  #isOursWaiting(): boolean {
    for (const peer of this.#peers.values()) if (peer.zone.relation === 'same' && !peer.isUploadOnly) return true
    return false
  }
}
