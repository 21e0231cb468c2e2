import type { HostPort } from '../../discovery/host-port.ts'
import type { SwarmOptions } from '../../swarm/swarm-types.ts'
import type { WebSeedMode } from '../../swarm/web-seeds/web-seed-need.ts'

/** What a verb knows of the torrent before it joins the swarm. */
export interface SwarmIdentity {
  /** 20 bytes: that of v1 if there is one, else the first of `infoHashV2`. */
  readonly infoHash: Uint8Array
  /** SHA-256 of the info dictionary, 32 bytes, where it is known to have a v2 half (BEP 52): peers that know it by that are joined, too. */
  readonly infoHashV2?: Uint8Array | undefined
  /** BEP 27: peers come from trackers and from what the person typed only. */
  readonly isPrivate: boolean
  /** By tier (BEP 12). */
  readonly trackers: readonly (readonly string[])[]
  /** Addresses from the magnet's `x.pe`. */
  readonly magnetPeers: readonly HostPort[]
  /** What there is to get, 0 when it is all here; undefined while it is not known. */
  readonly bytesLeft: number | undefined
  /** It leaves as soon as it has what it wants. */
  readonly isBrief: boolean
  /** Whether it tells others of its copy, and counts theirs too; absent for neither. */
  readonly copies?: SwarmOptions['copies']
  /** What this host is called, for those that count copies. */
  readonly hostName?: SwarmOptions['hostName']
  /** What web seeds are asked for, and how long after the torrent is known; absent for whoever asks none. */
  readonly webSeeds?: { readonly mode: WebSeedMode; readonly delayMs: number } | undefined
}
