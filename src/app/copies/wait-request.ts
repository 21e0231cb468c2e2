import type { Events } from '../../base/events.ts'
import type { VerbEvents } from '../events.ts'
import type { NetworkRequest } from '../network/network-request.ts'
import type { CopiesWanted } from './copies-goal.ts'
import type { ExpectedHosts } from './read-expected-hosts.ts'

/** Wait, from any machine, until so many hosts hold a tree that somebody else publishes. */
export interface WaitRequest {
  /** A magnet, an info-hash, the absolute path of a .torrent, or an http(s) URL of one. */
  readonly id: string
  /** Distinct hosts; a share is one of those that are expected. */
  readonly untilCopies: CopiesWanted | undefined
  /** So many copies in each zone that `expected` names as well; 1 at least. */
  readonly untilZoneCopies?: number | undefined
  /** As in `SeedRequest`. */
  readonly expected?: ExpectedHosts | undefined
  readonly reportOut?: string | undefined
  readonly junitOut?: string | undefined
  /** With `stallTimeoutMs` it gives up when no host was added for so long. */
  readonly network: NetworkRequest
}

/** How a wait ended. */
export interface WaitResult {
  /** Hexadecimal. */
  readonly infoHash: string
  /** Null where nobody told it. */
  readonly name: string | null
  /** Null where nobody told what is in the torrent. */
  readonly bytes: number | null
  readonly seconds: number
  /** Distinct hosts that hold the tree; with `expected` those on the list. */
  readonly copies: number
  /** False when it was stopped before. */
  readonly goalMet: boolean
}

/**
 * Emits `metadata`, `progress`, `peer`, `copies`, `warning`, and with `expected` `hosts` at the end. Aborting `signal` stops it within 5 s and resolves.
 * Rejects with INCOMPLETE or STALLED at a deadline, with NO_PEERS or NO_METADATA where nobody could be asked until then, and with what makes it
 * impossible.
 */
export type WaitVerb = (request: WaitRequest, events: Events<VerbEvents>, signal: AbortSignal) => Promise<WaitResult>
