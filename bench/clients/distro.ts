import path from 'node:path'
import type { Command } from '../harness/measured-process.ts'
import { formatSize } from '../harness/sizes.ts'
import { type Client, type Job, torrentOf } from './client.ts'

/** This project's own client, run by `command`, such as `node bin/distro.js`. */
export function distroClient(command: readonly string[]): Client {
  return {
    name: 'distro',
    readiness: 'first-line',
    seed: (job) => ({
      words: [...command, 'seed', path.join(job.directory, job.fileName), '--torrent', torrentOf(job), ...networkFlags(job)],
    }),
    fetch: (job) => ({
      words: [...command, 'fetch', torrentOf(job), '--out', job.directory, ...networkFlags(job), ...mirrorFlags(job), ...stayFlags(job)],
      ...(job.doneFile !== undefined && { env: { DISTRO_BENCH_DONE: job.doneFile } }),
    }),
  }
}

/** A torrent to make. */
export interface CreateJob {
  readonly source: string
  readonly torrent: string
  readonly format: string
  readonly pieceLength: number
}

/** Makes a torrent with it. */
export function distroCreate(command: readonly string[], { source, torrent, format, pieceLength }: CreateJob): Command {
  const flags = ['--format', format, '--piece-length', formatSize(pieceLength), '--progress', 'none']
  return { words: [...command, 'create', source, '-o', torrent, ...flags] }
}

function networkFlags(job: Job): string[] {
  const flags = [
    '--bind',
    job.address,
    '--port',
    String(job.port),
    '--no-dht',
    '--no-lsd',
    '--state-dir',
    job.stateDirectory,
    '--progress',
    'none',
  ]
  return job.seedAddress === undefined || job.seedAddress === `${job.address}:${job.port}` ? flags : [...flags, '--peer', job.seedAddress]
}

function mirrorFlags({ mirrorUrl }: Job): string[] {
  return mirrorUrl === undefined ? [] : ['--web-seed', mirrorUrl]
}

function stayFlags(job: Job): string[] {
  return job.doneFile === undefined ? [] : ['--keep-seeding', '--on-done', ': > "$DISTRO_BENCH_DONE"']
}
