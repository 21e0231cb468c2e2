import { cpSync } from 'node:fs'
import path from 'node:path'
import { within } from '../harness/deadline.ts'
import type { MeasuredProcess } from '../harness/measured-process.ts'
import { roundTo } from '../report/spread.ts'
import type { DeltaJob, DeltaTool } from './delta-tool.ts'

const REPORT_SECONDS = 10

/** What the bench reads of the last line of `fetch --json`. */
interface Done {
  readonly bytes: number
  readonly bySource: { readonly peers: number }
}

/**
 * This project's own command, run by `command`; the fetcher knows nothing but the magnet and finds the old version by `--reuse`, or in the
 * place that it is to replace.
 */
export function distroDelta(command: readonly string[], how: '--reuse' | '--overwrite'): DeltaTool {
  const shared = (job: DeltaJob, stateDirectory: string): string[] => [
    '--bind',
    job.address,
    '--no-dht',
    '--no-lsd',
    '--state-dir',
    stateDirectory,
  ]
  return {
    name: how === '--reuse' ? 'distro' : 'distro-overwrite',
    program: 'distro',
    takes: ['file', 'tree'],
    prepare: (job) => {
      if (how === '--overwrite') cpSync(job.old, path.join(job.directory, path.basename(job.next)), { recursive: true })
    },
    serve: (job) => ({
      words: [...command, 'seed', job.next, '--port', String(job.port), ...shared(job, job.serverDirectory), '--progress', 'none'],
    }),
    ready: (server) => server.line('magnet:'),
    fetch: (job, magnet) => {
      const reuse = how === '--reuse' ? ['--reuse', job.old] : ['--overwrite']
      const words = ['fetch', magnet, '--out', job.directory, '--port', '0', ...reuse, ...shared(job, job.fetcherDirectory), '--json']
      return { words: [...command, ...words] }
    },
    report: async (fetcher) => {
      const { bytes, bySource } = await done(fetcher)
      return { payloadPercent: roundTo(3, (100 * bySource.peers) / bytes) }
    },
  }
}

async function done(fetcher: MeasuredProcess): Promise<Done> {
  return JSON.parse(await within(REPORT_SECONDS, 'the report of the fetch', fetcher.line('{"type":"done"'))) as Done
}
