import type { PeerAddress } from '../base/address.ts'

/** What a peer says of itself in the extended handshake (BEP 10), already bounded and checked. */
export interface ExtensionHandshake {
  /** Which of our extensions the peer takes, by the ids that it wants them under; an absent one is not supported. */
  readonly extensions: {
    readonly metadata?: number
    readonly peerExchange?: number
    readonly dontHave?: number
    /** It counts copies: whoever holds the tree should tell it so. */
    readonly copy?: number
    /** It tells of its own copy, and wants to know that this was heard. */
    readonly copyHeard?: number
    /** It tells the sums of parts of blocks. */
    readonly parts?: number
    /** It asks for them: answers go here. */
    readonly partSums?: number
  }
  /** `v`: client name and version, printable, at most 64 characters. */
  readonly client?: string
  /** `p`: the port on which the peer listens. */
  readonly listenPort?: number
  /** `reqq`: how many requests it queues. */
  readonly requestQueueLimit?: number
  /** `yourip`: our address as the peer sees it. */
  readonly yourAddress?: string
  /** `metadata_size` in bytes (BEP 9), 1 to 10,000,000. */
  readonly metadataSizeBytes?: number
  /** `upload_only` (BEP 21): the peer wants nothing. */
  readonly isUploadOnly?: boolean
  /** `distro_zone`: the zone that the peer is in, such as a rack or a site; see `isZoneName`. */
  readonly zone?: string
  /** `distro_host`: what the peer's host is called, told to those that count copies only; see `isHostName`. */
  readonly hostName?: string
  /** `distro_gathers`: it wants to hear of the copies that others told of, too. */
  readonly gathersCopies?: boolean
}

/** A message of the metadata exchange (BEP 9); pieces are 16 KiB, the last may be shorter. */
export type MetadataMessage =
  | { readonly kind: 'request'; readonly piece: number }
  | { readonly kind: 'data'; readonly piece: number; readonly totalBytes: number; readonly bytes: Uint8Array }
  | { readonly kind: 'reject'; readonly piece: number }

/** One address in a peer exchange message with its flags (BEP 11). */
export interface ExchangedPeer extends PeerAddress {
  readonly isSeed: boolean
}

/** A peer exchange message (BEP 11): at most 50 added and 50 dropped addresses of each family are kept. */
export interface PeerExchangeMessage {
  readonly added: readonly ExchangedPeer[]
  readonly dropped: readonly PeerAddress[]
}

/** `distro_copy`: this host holds the verified tree in place, or one that told so of itself does; `distro_copy_heard`: the answer, with the same id and without a name. */
export interface CopyMessage {
  /** 16 bytes, the same for all runs of a host. */
  readonly hostId: Uint8Array
  /** What the host is called where it is; see `isHostName`. */
  readonly hostName?: string | undefined
  /** The zone that it is in; only where it is told by another. */
  readonly zone?: string | undefined
  /** Where it was connected from; only where it is told by another. */
  readonly address?: PeerAddress | undefined
  /** How long ago it told of its copy, in milliseconds, 0 to `MAX_COPY_AGE_MS`; only where it is told by another. */
  readonly ageMs?: number | undefined
  /** Somebody tells of another host, of which it heard. */
  readonly isRelayed?: boolean | undefined
}

/** `distro_parts`: asks for the sums of the parts of blocks of a piece; see `torrent/block-parts.ts`. */
export interface PartQuestion {
  readonly piece: number
  /** 1 to `MAX_PART_BLOCKS`, in ascending order. */
  readonly blocks: readonly number[]
}

/** `distro_part_sums`: the answer, which says what was asked. */
export interface PartSums extends PartQuestion {
  /** Those of each block, one after the other; absent if they are refused. */
  readonly sums?: Uint8Array | undefined
}
