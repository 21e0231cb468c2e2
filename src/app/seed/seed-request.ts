import type { Events } from '../../base/events.ts'
import type { CopiesWanted } from '../copies/copies-goal.ts'
import type { ExpectedHosts } from '../copies/read-expected-hosts.ts'
import type { VerbEvents, ZoneTraffic } from '../events.ts'
import type { NetworkRequest } from '../network/network-request.ts'
import type { TreeRequest } from '../torrents/tree-request.ts'
import type { HandoverTerms } from './handover.ts'

/** Publish a file or directory and stay, until stopped or a goal is met. */
export interface SeedRequest extends TreeRequest {
  /** What the run is called where runs are listed; `seed` when undefined. */
  readonly verb?: 'seed' | 'push' | undefined
  /** Publish under this existing .torrent instead of making one; absolute. Excludes the fields of `TreeRequest`, but for `path` and `webSeeds`. */
  readonly torrentFile: string | undefined
  /** Where to write the .torrent, absolute; undefined writes none. */
  readonly torrentOut: string | undefined
  /** Where to write the magnet, absolute; undefined writes none. */
  readonly magnetOut: string | undefined
  /** Where to write, at the end, which hosts hold the tree, as JSON; absolute. Undefined writes none. */
  readonly reportOut: string | undefined
  /** Where to write the same as JUnit XML, a test case a host; absolute. Undefined writes none. */
  readonly junitOut?: string | undefined
  /** Goals: the seed ends when the first of them is met; with none it stays until it is stopped. This one counts distinct hosts; a share is one of those that are expected. */
  readonly untilCopies: CopiesWanted | undefined
  /** Met only together with `untilCopies`: so many copies in each zone that `expected` names, 1 at least. */
  readonly untilZoneCopies?: number | undefined
  /** The hosts that shall hold the tree, with names that differ: only they count then, and all of them are waited for unless `untilCopies` or `untilZoneCopies` says less. */
  readonly expected?: ExpectedHosts | undefined
  /** Stay until others can take over as well, whatever other goal is met. Not together with `forMs` and `ratio`. */
  readonly handover?: HandoverTerms | undefined
  readonly forMs: number | undefined
  /** Bytes sent divided by bytes of content. */
  readonly ratio: number | undefined
  /** TCP port on which the content is served over HTTP too, as a web seed, 0 to 65535; 0 takes any free one, undefined serves none. */
  readonly httpPort: number | undefined
  /** False does not note in the state folder that this host holds the content; undefined does, unless it is private (BEP 27). */
  readonly knownTrees?: boolean | undefined
  readonly network: NetworkRequest
}

/** How a seed ended. */
export interface SeedResult {
  readonly infoHash: string
  readonly name: string
  readonly bytes: number
  readonly seconds: number
  /** Bytes sent, to peers and over HTTP. */
  readonly uploaded: number
  /** Distinct hosts that were found to hold the tree while it ran; with `expected` those on the list. */
  readonly copies: number
  /** How many of these told an earlier run of it. */
  readonly copiesFromEarlierRuns: number
  /** One row for each zone, ours first; undefined when we have no zone. */
  readonly zones?: readonly ZoneTraffic[] | undefined
  /** True if `untilCopies`, `forMs` or `ratio` was met, even when a signal came later; false when it was stopped before. */
  readonly goalMet: boolean
}

/**
 * Emits `progress` (hash or check, then seed), `metadata`, `ready` once, `peer`, `copies`, `warning`, with `expected` also `hosts` at the end, and `done`
 * when a goal is met.
 * Aborting `signal` stops it within 5 s and resolves. Rejects with a `DistroError` when it cannot go on.
 */
export type SeedVerb = (request: SeedRequest, events: Events<VerbEvents>, signal: AbortSignal) => Promise<SeedResult>
