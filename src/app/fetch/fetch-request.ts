import type { DistroError } from '../../base/errors.ts'
import type { Events } from '../../base/events.ts'
import type { WebSeedMode } from '../../swarm/web-seeds/web-seed-need.ts'
import type { DoneEvent, VerbEvents } from '../events.ts'
import type { NetworkRequest } from '../network/network-request.ts'
import type { WebSeedAccess } from '../web-seeds/web-seed-access.ts'

/** What becomes of the releases in a folder when a fetch adds one. */
export interface ReleasesRequest {
  /** How many stay, the new one included, 2 at least; undefined removes none. */
  readonly keep: number | undefined
  /** True when `runSwitchHook` follows each `switched` and `switchOwed`: a switch is remembered until its command ended well. */
  readonly runsHook?: boolean | undefined
}

/** Download a torrent into `outDir`/<name>. */
export interface FetchRequest {
  /** A magnet, an info-hash, the absolute path of a .torrent, or an http(s) URL of one. */
  readonly id: string
  /** Absolute; created when missing. */
  readonly outDir: string
  /**
   * Given, `outDir` is a folder of releases: the content lands in a folder of its own there, named after the torrent and its info-hash, and
   * the link `current` is pointed at it. Not together with `overwrite`.
   */
  readonly releases?: ReleasesRequest | undefined
  /** Only files that match one of these globs; empty means all. */
  readonly select: readonly string[]
  /** Stay as a seed once the tree is in place. */
  readonly keepSeeding: boolean
  /** Stay as a seed for this long; undefined with `keepSeeding` means until stopped. */
  readonly seedForMs: number | undefined
  /** Replace a target that differs. */
  readonly overwrite: boolean
  /** Where earlier versions of the content may be: trees, folders with trees in them, or single files; absolute. */
  readonly reuse: readonly string[]
  /** True if a file that is wanted as it is may become a second name (hard link) of one that is there. */
  readonly mayLink: boolean
  /**
   * False neither looks among the trees that the state folder knows of on this host nor notes there what was fetched; undefined does
   * both. What is private (BEP 27) is never noted.
   */
  readonly knownTrees?: boolean | undefined
  /** Find out what would be fetched, and write nothing. */
  readonly isDryRun: boolean
  /** Web seeds to ask beside those of the torrent: URLs, folders, or buckets. */
  readonly webSeeds: readonly string[]
  /** False leaves those of the torrent and the magnet unasked. */
  readonly usesNamedWebSeeds: boolean
  /** Ask the web seeds of a magnet (`ws`) too: whoever made the magnet decides then which servers we talk to. */
  readonly trustsMagnetUrls: boolean
  /** What they are asked for: what the swarm does not give, or anything. */
  readonly webSeedMode: WebSeedMode
  /** How long to wait for peers before web seeds are asked. */
  readonly webSeedDelayMs: number
  readonly webSeedAccess: WebSeedAccess
  /** What this host is called, told to those that count copies; see `isHostName`. Undefined tells no name. */
  readonly hostName: string | undefined
  readonly network: NetworkRequest
}

/** One file that was, or in a dry run would be, fetched. */
export interface FetchedFile {
  /** Where it is or would be; absolute. */
  readonly path: string
  readonly lengthBytes: number
  /** In a dry run, unless the fetch would be refused: how many bytes of it would be transferred at most. */
  readonly missingBytes?: number
}

/** How a fetch ended. In a dry run `path` is where the tree would land and nothing was transferred. */
export interface FetchResult extends DoneEvent {
  readonly isDryRun: boolean
  /** The selected files. */
  readonly files: readonly FetchedFile[]
  /** For a dry run: how much of what is wanted is on this host, here or elsewhere, and how much would be transferred at most; else undefined. */
  readonly outlook?: FetchForecast | undefined
  /** For a dry run: what the fetch would reject with, because something else is at the target (TARGET_DIFFERS); there is no `outlook` then. */
  readonly refusal?: DistroError | undefined
}

/** What a fetch would find, and what would come. */
export interface FetchForecast {
  readonly hereBytes: number
  readonly missingBytes: number
  /** Those of the selected files of which something would come; absolute. */
  readonly missingPaths: readonly string[]
}

/**
 * Emits `ready`, `metadata`, `progress`, `peer`, `warning`, with `releases` also `switched` at the flip (or `switchOwed`) and `releaseRemoved`, and `done` once the tree is in place (not in a dry run), before any seeding goes on.
 * Aborting `signal` stops it within 5 s: it rejects with the signal's reason before `done` and resolves after it.
 */
export type FetchVerb = (request: FetchRequest, events: Events<VerbEvents>, signal: AbortSignal) => Promise<FetchResult>

export type { WebSeedMode }
