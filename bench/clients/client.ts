import type { Command } from '../harness/measured-process.ts'

/** What one client is asked to do on one host. */
export interface Job {
  /** The torrent without a tracker, for a client that is told where the seed is. */
  readonly torrentPath: string
  /** The same torrent with the benchmark's tracker in it. */
  readonly trackedTorrentPath: string
  /** Where the file lies, or is to land, under its own name. */
  readonly directory: string
  readonly fileName: string
  /** The IPv4 address to listen on. */
  readonly address: string
  readonly port: number
  /** `host:port` of the seed; absent where peers come from the tracker. */
  readonly seedAddress?: string
  /** A web server that has the file; what it has not given, peers may. */
  readonly mirrorUrl?: string
  /** An empty folder for whatever the client wants to remember. */
  readonly stateDirectory: string
  /** A leech that stays keeps seeding when it is done and says so by creating this file; otherwise it exits. */
  readonly doneFile?: string
}

/** The torrent that a client is given: the one with the tracker, unless it is told where the seed is. */
export function torrentOf(job: Job): string {
  return job.seedAddress === undefined ? job.trackedTorrentPath : job.torrentPath
}

/** A BitTorrent client as the benchmark drives it: as fast as its own settings let it be, without any limit. */
export interface Client {
  readonly name: string
  /** How its seed says that it serves: a first line on standard output, or an announce with nothing left. */
  readonly readiness: 'first-line' | 'announce'
  seed(job: Job): Command
  fetch(job: Job): Command
}
