import type { PeerAddress, PeerOrigin } from '../base/address.ts'
import type { Clock } from '../base/clock.ts'
import type { DistroError } from '../base/errors.ts'
import type { Random } from '../base/random.ts'
import type { RateLimit } from '../base/rate-limit.ts'
import type { WebSeed } from '../web-seed/web-seed.ts'
import type { Dialer } from '../wire/link.ts'
import type { CopyEvent } from './copy-exchange.ts'
import type { WebSeedMode } from './web-seeds/web-seed-need.ts'
import type { WebSeedFailureEvent } from './web-seeds/web-seeds.ts'
import type { ZoneRelation } from './zone.ts'

/** What a swarm needs from the world. */
export interface SwarmOptions {
  readonly clock: Clock
  readonly random: Random
  readonly dialer: Dialer
  readonly infoHash: Uint8Array
  /** Where it is known that the torrent has a v2 half (BEP 52): SHA-256 of the info dictionary. For v2 only `infoHash` is the first 20 bytes of it. */
  readonly infoHashV2?: Uint8Array | undefined
  /** 20 bytes (BEP 20). */
  readonly peerId: Uint8Array
  /** The port on which we listen, told to peers; 0 when we do not. */
  readonly listenPort: number
  /** The DHT's UDP port, told to peers (BEP 5); 0 when it is off. */
  readonly dhtPort: number
  /** False turns peer exchange off, both ways. */
  readonly usesPeerExchange: boolean
  /** Connections at most, incoming included. */
  readonly maxPeers: number
  readonly upLimit: RateLimit
  readonly downLimit: RateLimit
  /** True if an address that the peer at `tellerHost` told us (BEP 11) makes sense and may be dialled. */
  mayDial(address: PeerAddress, tellerHost: string): boolean
  /** The client name told to peers, such as `distro 0.1.0`. */
  readonly clientName: string
  /** Our zone, such as a rack or a site: a name, or `subnet` for that of our address (IPv4 /24, IPv6 /64). Without one there is no locality. */
  readonly zone?: string | undefined
  /** What web seeds are asked for; `fallback` when absent: what the swarm does not give. */
  readonly webSeedMode?: WebSeedMode | undefined
  /** How long a host that knows what to fetch waits for peers before it turns to a web seed. */
  readonly webSeedDelayMs?: number | undefined
  /**
   * Whether we tell others of our copy, and count theirs too; `gathered` has none, counts, and hears from others who count of those that told
   * them. When absent, nothing of this.
   */
  readonly copies?: 'told' | 'counted' | 'gathered' | undefined
  /** What our host is called, told from the start to those that count copies; see `isHostName`. */
  readonly hostName?: string | undefined
}

/** What happened in the swarm, for the floors above; never one event per block. */
export interface SwarmEvents {
  /** The info dictionary came from peers and its hash is right (BEP 9). */
  metadata: Uint8Array
  /** A piece was verified and stored. */
  piece: number
  /** Every wanted piece is stored. */
  complete: undefined
  /** A piece from peers had the wrong hash and was thrown away. */
  corrupt: number
  /** A piece that we had cannot be read any more and is no longer offered; told once a cause. */
  unreadable: DistroError
  /** A peer runs a DHT node there (BEP 5). */
  dhtNode: PeerAddress
  /** A peer connected, finished its own copy, left, or was banned. */
  peer: PeerEvent
  /** A peer holds the whole torrent; told once for each connection, by a swarm that counts copies. */
  copy: CopyEvent
  /** Whoever wants to hear of our copy, and can be reached, has heard of it; once. */
  copyHeard: undefined
  /** A web seed failed, and may be out for good. */
  webSeed: WebSeedFailureEvent
  /** Nothing is on its way any more from a web seed that was removed: it may be closed. */
  webSeedLeft: WebSeed
  /** The transfer cannot go on (the disk failed, the source changed). */
  failed: DistroError
}

/** A peer connected, finished its own copy, left, or was banned. */
export interface PeerEvent {
  readonly kind: 'connected' | 'complete' | 'disconnected' | 'banned'
  readonly address: PeerAddress
  readonly origin: PeerOrigin
  /** Hexadecimal peer id. */
  readonly peerId: string
  /** The name that the peer gave itself; hostile text until a reporter has escaped it. */
  readonly client: string | undefined
  readonly reason: string | undefined
  /** Bytes of blocks that it sent us, and that we sent it, since it connected. */
  readonly downloadedBytes: number
  readonly uploadedBytes: number
}

/** One connected peer, for tables and JSON. */
export interface PeerStatus {
  readonly address: PeerAddress
  readonly peerId: string
  readonly client: string | undefined
  /** What its host is called, and the zone that it is in, as far as it told. */
  readonly hostName: string | undefined
  readonly zone: string | undefined
  /** Fraction of the pieces that it has, 0 to 1. */
  readonly progress: number
  readonly downloadedBytes: number
  readonly uploadedBytes: number
  readonly downBytesPerSecond: number
  readonly upBytesPerSecond: number
}

/** The figures of this moment. */
export interface SwarmStatus {
  /** Verified bytes of the wanted pieces. */
  readonly bytesDone: number
  readonly bytesTotal: number
  /** Those of the verified bytes that web seeds sent. */
  readonly webSeedBytes: number
  /** Those of them that this host had elsewhere, in pieces of which others gave the rest. */
  readonly earlierBytes: number
  /** Web seeds that may still be asked, now or later. */
  readonly webSeeds: number
  /** Block bytes received and kept or thrown away since the start. */
  readonly downloadedBytes: number
  /** Block bytes sent since the start. */
  readonly uploadedBytes: number
  /** Block bytes received that were of no use: duplicates and corrupt pieces. */
  readonly wastedBytes: number
  readonly corruptPieces: number
  readonly downBytesPerSecond: number
  readonly upBytesPerSecond: number
  /** Connected peers, those among them that have everything, and addresses known but not connected. */
  readonly peers: number
  readonly seeds: number
  readonly knownAddresses: number
  readonly bannedPeers: number
  /** Peers that could not or would not give the info dictionary. */
  readonly metadataRefusals: number
  /** One row for each zone, ours first; undefined when we have no zone. */
  readonly zones?: readonly ZoneTraffic[] | undefined
}

/** What went between us and the peers of one zone since the start. */
export interface ZoneTraffic {
  /** Its name or subnet; `unknown` for the peers that told none. */
  readonly zone: string
  readonly relation: ZoneRelation
  /** Connected at this moment. */
  readonly peers: number
  /** Block bytes. */
  readonly downloadedBytes: number
  readonly uploadedBytes: number
}
