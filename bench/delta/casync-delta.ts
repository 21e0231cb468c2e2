import path from 'node:path'
import { runOrFail } from '../harness/run-or-fail.ts'
import { mirrorOf, mirrorReady } from './delta-mirror.ts'
import type { DeltaJob, DeltaTool } from './delta-tool.ts'

/** Exec bits and links, as distro keeps them; the compression that costs least. */
const MAKE_FLAGS = ['--compression=zstd', '--with=permissions', '--with=symlinks']

/** casync, with nginx: the content cut into chunks of about 64 KiB by what is in them, and an index. */
export const casyncDelta: DeltaTool = {
  name: 'casync',
  program: 'casync',
  takes: ['file', 'tree'],
  prepare: (job) => {
    const store = `--store=${path.join(job.serverDirectory, 'store')}`
    runOrFail('casync', [store, ...flagsFor(job), 'make', path.join(job.serverDirectory, indexOf(job)), job.next])
  },
  serve: mirrorOf,
  ready: mirrorReady,
  fetch: (job, url) => {
    const target = path.join(job.directory, path.basename(job.next))
    const flags = [`--store=${url}/store`, `--seed=${job.old}`, '--hardlink=no', ...flagsFor(job)]
    return { words: ['casync', ...flags, 'extract', `${url}/${indexOf(job)}`, target] }
  },
}

function flagsFor({ kind }: DeltaJob): string[] {
  return kind === 'tree' ? MAKE_FLAGS : MAKE_FLAGS.slice(0, 1)
}

function indexOf({ kind }: DeltaJob): string {
  return kind === 'tree' ? 'index.caidx' : 'index.caibx'
}
