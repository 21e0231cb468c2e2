import type { Child } from '../../support/child.ts'

/** Where something listens on the loopback, as the clients' settings want it. */
export type Address = readonly [host: string, port: number]

/** What a client is asked to do: to hold, or to get, one torrent below `folder`. */
export interface Job {
  /** The folder that contains, or will contain, the content. */
  readonly folder: string
  /** A .torrent path or a magnet. */
  readonly id: string
  /** Peers to dial; clients that refuse loopback addresses wait to be dialled. */
  readonly peers?: readonly Address[]
  /** Turns the DHT on, with these nodes to start from. */
  readonly dhtBootstrap?: readonly Address[]
  /** False keeps it from hearing of peers through others; only libtorrent heeds it. */
  readonly pex?: boolean
  /** A folder for the client's own files. */
  readonly state: string
}

/** A client at work. */
export interface RunningClient {
  readonly child: Child
  /** The port of 127.0.0.1 on which it accepts peers. */
  readonly port: number
  /** Settles once the content is whole and verified. */
  finished(timeoutMs?: number): Promise<void>
}

/** Somebody else's BitTorrent client. */
export interface Client {
  readonly name: string
  /** How to see that it is installed: a command that succeeds. */
  readonly probe: readonly [command: string, ...words: string[]]
  start(job: Job): Promise<RunningClient>
}

/** True for a magnet, false for the path of a .torrent. */
export function isMagnet(id: string): boolean {
  return id.startsWith('magnet:')
}
