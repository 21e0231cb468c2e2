import type { WebSeedStatus as SwarmWebSeedStatus } from '../../swarm/web-seeds/web-seeds.ts'
import type { Phase } from '../events.ts'

/** What a run says of itself. */
export interface RunDescription {
  readonly verb: 'seed' | 'push' | 'fetch'
  /** Hexadecimal; null while a seed is still hashing. */
  readonly infoHash: string | null
  /** Null while it is not known. */
  readonly name: string | null
  /** The content that is seeded, or where the fetched tree lands; absolute. */
  readonly path: string
  readonly state: Phase
  /** Of what the state is about: hashed, checked, or verified bytes. */
  readonly bytesDone: number
  /** 0 while it is not known. */
  readonly bytesTotal: number
  readonly downBytesPerSecond: number
  readonly upBytesPerSecond: number
  readonly peers: number
  readonly seeds: number
  /** ISO 8601. */
  readonly startedAt: string
  /** `host:port` of each address at which peers reach it. */
  readonly listen: readonly string[]
}

/** One web seed of a run, for tables and JSON. */
export interface WebSeedStatus extends Omit<SwarmWebSeedStatus, 'webSeed' | 'lastFailure' | 'retryInMs'> {
  /** One sentence. */
  readonly lastFailure: string | null
  /** Milliseconds until it is asked again; null unless it is waiting. */
  readonly retryInMs: number | null
}

/** The web seeds of a run, as somebody at the control socket sees and changes them. URLs come from the person; each change answers with labels. */
export interface WebSeedControl {
  list(): readonly WebSeedStatus[]
  /** Adds one at once; its label. Rejects with a `DistroError`. */
  add(url: string): Promise<string>
  /** Takes one away at once, by its URL or label; its label. Rejects with INPUT_MISSING when there is none. */
  remove(url: string): Promise<string>
  /** Puts `by` in the place of `url`, or changes nothing and rejects with a `DistroError`; their labels. */
  replace(url: string, by: string): Promise<{ readonly removed: string; readonly added: string }>
}

/** What the control socket needs of the run that it belongs to. */
export interface RunControl {
  describe(): RunDescription
  readonly webSeeds: WebSeedControl
}
