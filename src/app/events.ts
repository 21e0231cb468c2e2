import type { PeerAddress } from '../base/address.ts'
import type { PeerEvent, ZoneTraffic } from '../swarm/swarm-types.ts'
import type { TorrentFormat } from '../torrent/torrent-format.ts'
import type { ZoneGoalCounts } from './copies/copies-goal.ts'
import type { ExpectedCounts, HostRecord } from './copies/host-roll.ts'
import type { HandoverStatus } from './seed/handover.ts'

/** What a verb is busy with, which decides the words beside the progress bar. */
export type Phase = 'hash' | 'check' | 'metadata' | 'fetch' | 'place' | 'seed' | 'wait'

/** Bytes by where they came from: other peers, web seeds, or content that was already on this machine. */
export interface BytesBySource {
  readonly peers: number
  readonly webSeeds: number
  readonly local: number
}

/** It listens, and if it announces anywhere, somebody has heard it. Emitted once. */
export interface ReadyEvent {
  /** Hexadecimal. */
  readonly infoHash: string
  /** Hexadecimal SHA-256 info-hash (BEP 52); null where nothing is known of v2. */
  readonly infoHashV2: string | null
  /** With the addresses at which we can be reached as `x.pe` (BEP 9). */
  readonly magnet: string
  /** Addresses that accept connections. */
  readonly listen: readonly PeerAddress[]
  /** False when there is nowhere to announce: no DHT, no tracker, no local discovery. */
  readonly announced: boolean
  /** URLs at which the content is served as a web seed; undefined when it is not. */
  readonly http?: readonly string[] | undefined
}

/** What went over HTTP to those who took it as a web seed. */
export interface HttpTraffic {
  /** Bytes of bodies since the start. */
  readonly bytesServed: number
  /** Open now, idle ones included. */
  readonly connections: number
}

/** The info dictionary is known. Emitted once, before the first byte of content. */
export interface MetadataEvent {
  readonly format: TorrentFormat
  /** 40 characters; of v2 only the first 40 of `infoHashV2`. */
  readonly infoHash: string
  /** SHA-256, 64 characters; null for a v1 torrent. */
  readonly infoHashV2: string | null
  readonly name: string
  readonly bytesTotal: number
  /** Files that are written to disk; padding is not counted. */
  readonly files: number
  readonly pieces: number
  readonly pieceLengthBytes: number
  readonly isPrivate: boolean
}

/** The figures of this moment; emitted about four times a second, and once more when a phase ends. */
export interface ProgressEvent {
  readonly phase: Phase
  /** Verified bytes of what is wanted. */
  readonly bytesDone: number
  /** 0 while it is not known. */
  readonly bytesTotal: number
  /** How fast `bytesDone` grows: of work on the disk the rate of that work, of a fetch `downBytesPerSecond`, and 0 where nothing is fetched. */
  readonly bytesPerSecond: number
  /** From peers and web seeds. */
  readonly downBytesPerSecond: number
  readonly upBytesPerSecond: number
  readonly peers: number
  readonly seeds: number
  /** Web seeds that are asked, or may be later. */
  readonly webSeeds: number
  /** Null while it cannot be told. */
  readonly etaSeconds: number | null
  readonly bySource: BytesBySource
  /** One row for each zone, ours first; undefined when we have no zone. */
  readonly zones?: readonly ZoneTraffic[] | undefined
  /** For a seed: distinct hosts that hold the tree; with a list of hosts those on it. */
  readonly copies?: number | undefined
  /** For a seed with a list of hosts: how far they are. */
  readonly expected?: ExpectedCounts | undefined
  /** For a seed that wants copies in each zone: how far that is. */
  readonly inZones?: ZoneGoalCounts | undefined
  /** For a seed that hands over, once the copies are there: how far it is with that. */
  readonly handover?: HandoverStatus | undefined
  /** Undefined when nothing is served over HTTP; `upBytesPerSecond` counts it too. */
  readonly http?: HttpTraffic | undefined
}

export type { PeerEvent, ZoneTraffic }

/** One more host holds the published tree. */
export interface CopiesEvent {
  /** Distinct hosts; with a list of hosts those on it. */
  readonly complete: number
  /** Null when no number was asked for. */
  readonly goal: number | null
  /** How far the hosts on the list are; null without a list. */
  readonly expected: ExpectedCounts | null
  /** How many zones have less copies than are asked for in each; null when that was not asked for. */
  readonly zonesShort: number | null
  /** How far the zones are; null when no copies were asked for in each. */
  readonly inZones: ZoneGoalCounts | null
  /** The host that was added. */
  readonly host: CopyHost
  /** When it was counted, in ISO 8601: before the run began where an earlier one of the same seed did that, and of a wait when the seed heard of it. */
  readonly countedAt: string
  /** True if it told that to an earlier run of the same seed; nobody looks whether it holds it still. */
  readonly isFromEarlierRun: boolean
}

/** A host that holds the published tree. */
export interface CopyHost {
  /** Hexadecimal, the same for all runs on that host; null for a client that does not tell of its copy. */
  readonly id: string | null
  /** What it was told to call itself; hostile text until a reporter has escaped it. */
  readonly name: string | null
  /** The zone that it told; null for none. */
  readonly zone: string | null
  /** Where it was connected from; null where another told of it and not of that. */
  readonly address: PeerAddress | null
  /** Whether it is on the list of hosts; null without a list. */
  readonly isExpected: boolean | null
}

/** How far each host on the list is, when a seed ends, however it does. */
export interface HostsEvent {
  /** Those that are missing first. */
  readonly hosts: readonly HostRecord[]
}

/** Others have taken over: the seed may leave. */
export interface HandoverEvent {
  /** The one that had to be among them. */
  readonly host: string
  /** All that stand, by name or address. */
  readonly hosts: readonly string[]
}

/** The link `current` of a folder of releases was flipped. */
export interface SwitchedEvent {
  /** What flipped it. */
  readonly verb: 'fetch' | 'rollback'
  /** The folder of releases; absolute. */
  readonly dir: string
  /** The link. */
  readonly current: string
  /** The name of the release that it names now. */
  readonly release: string
  /** The folder of that release; absolute. */
  readonly path: string
  /** The name of the release that it named before; null when there was none. */
  readonly previous: string | null
  /** Hexadecimal; null for a folder that distro did not put there. */
  readonly infoHash: string | null
  /** The name in the torrent; that of the folder where there is none. */
  readonly name: string
  /** Bytes of its files; null for a folder that distro did not put there. */
  readonly bytes: number | null
}

/** An old release is gone. */
export interface ReleaseRemovedEvent {
  readonly release: string
  /** Where its folder was; absolute. */
  readonly path: string
}

/** Something that the person should know and that does not end the verb; one sentence. */
export interface WarningEvent {
  readonly message: string
}

/** The verb met its goal: the tree is in place, the torrent is written, the copies are out. Seeding may go on after it. */
export interface DoneEvent {
  /** The finished tree, the written file, or the published content; absolute. */
  readonly path: string
  readonly infoHash: string
  readonly name: string
  readonly bytes: number
  readonly seconds: number
  readonly downloaded: number
  readonly uploaded: number
  readonly bySource: BytesBySource
  /** For a verify: true if a part of the content was checked, which is whole. */
  readonly isPart?: boolean | undefined
  /** For a seed: distinct hosts that were found to hold the tree while it ran. */
  readonly copies?: number | undefined
  /** For a seed: how many of these told an earlier run of it. */
  readonly copiesFromEarlierRuns?: number | undefined
  /** As in `ProgressEvent`. */
  readonly zones?: readonly ZoneTraffic[] | undefined
  readonly http?: HttpTraffic | undefined
}

/**
 * What a verb tells while it works; the three reporters read the same events. How it ended badly is not among them:
 * a verb that fails rejects with a `DistroError`.
 */
export interface VerbEvents {
  ready: ReadyEvent
  metadata: MetadataEvent
  progress: ProgressEvent
  peer: PeerEvent
  copies: CopiesEvent
  hosts: HostsEvent
  handover: HandoverEvent
  switched: SwitchedEvent
  /** An earlier flip whose command did not end well: it is to run now, and nothing was flipped. */
  switchOwed: SwitchedEvent
  releaseRemoved: ReleaseRemovedEvent
  warning: WarningEvent
  done: DoneEvent
}
