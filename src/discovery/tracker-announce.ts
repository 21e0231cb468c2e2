import type { PeerAddress } from '../base/address.ts'
import type { Decoded } from '../base/decoded.ts'

/** What a tracker is told (BEP 3, BEP 15). */
export interface TrackerAnnounce {
  /** 20 bytes. */
  readonly infoHash: Uint8Array
  /** 20 bytes. */
  readonly peerId: Uint8Array
  readonly listenPort: number
  readonly uploadedBytes: number
  readonly downloadedBytes: number
  readonly bytesLeft: number
  readonly event: TrackerEvent | undefined
  /** How many peers we would like; 0 to 200. */
  readonly peersWanted: number
  /** 0 to 2^32 - 1: tells the tracker that it is us when our address changes. */
  readonly key: number
}

/** Why we announce outside of the interval (BEP 3). */
export type TrackerEvent = 'started' | 'completed' | 'stopped'

/** What a tracker answered. */
export interface TrackerReply {
  /** At most 200. */
  readonly peers: readonly PeerAddress[]
  /** When the tracker wants to hear from us again; 1 minute to 2 hours. */
  readonly intervalMs: number
  /** It does not want to hear from us sooner than this, if it said so; at most 2 hours. */
  readonly minIntervalMs: number | undefined
  /** A sentence that the tracker has for the person. */
  readonly warning: string | undefined
}

/** One tracker, over one protocol. */
export interface TrackerClient {
  /** Announces once; the fault continues the sentence "The tracker X does not help: ...". Never rejects; ends soon after `signal` aborts. */
  announce(announce: TrackerAnnounce, signal: AbortSignal): Promise<Decoded<TrackerReply>>
}

/** Peers that we take from one reply. */
export const MAX_TRACKER_PEERS = 200

const MIN_INTERVAL_MS = 60_000
const MAX_INTERVAL_MS = 2 * 3_600_000
const DEFAULT_INTERVAL_MS = 30 * 60_000

/** An interval that a tracker gave in seconds, within reason; half an hour if it gave none. */
export function boundedIntervalMs(seconds: number | undefined): number {
  if (seconds === undefined || seconds <= 0) return DEFAULT_INTERVAL_MS
  return Math.min(MAX_INTERVAL_MS, Math.max(MIN_INTERVAL_MS, seconds * 1_000))
}

/** A stranger's words fit to print: at most 200 characters, no control characters, no direction marks, single spaces. */
export function printable(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.subarray(0, 800)).toString('utf8')
  return text
    .replace(/[\p{C}\p{Z}\ufffd]+/gu, ' ')
    .trim()
    .slice(0, 200)
}
