import type { PeerAddress, PeerOrigin } from '../base/address.ts'

/** What a peer source may tell. */
export interface PeerSourceListener {
  /** Addresses of possible peers, already bounded, in no order; ours may be among them. */
  onPeers(addresses: readonly PeerAddress[]): void
  /** The first announce of this transfer reached somebody who will pass it on. */
  onAnnounced(): void
  /** Something that the person should know and that does not end the transfer; one sentence. */
  onWarning(sentence: string): void
}

/** What the transfer is doing, which decides how often a source asks and what it announces. */
export interface TransferState {
  /** True while no peer is connected: look-ups come at 0, 2, 5, 10, 20 and 40 s. */
  readonly isPeerless: boolean
  readonly bytesLeft: number
  readonly uploadedBytes: number
  readonly downloadedBytes: number
}

/** One way of finding peers for one info-hash: the DHT, the local network, a tracker. */
export interface PeerSource {
  readonly origin: PeerOrigin
  /**
   * What it asked since the start, each with what came of it, such as `the tracker udp://192.0.2.1:6969 (nothing listens there)`: for the
   * person whose fetch found nobody. Of peers that were named only those that could not even be dialled.
   */
  readonly tried: readonly string[]
  /** Announces and begins to look for peers; resolves once it is under way, and never rejects for what a network does. */
  start(listener: PeerSourceListener): Promise<void>
  /** Called whenever the state changes much, at most once a second. */
  update(state: TransferState): void
  /** Says good-bye where that is the custom (at most 2 s) and lets go of every socket and timer. */
  stop(): Promise<void>
}
