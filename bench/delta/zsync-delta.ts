import { symlinkSync } from 'node:fs'
import path from 'node:path'
import { runOrFail } from '../harness/run-or-fail.ts'
import { mirrorOf, mirrorReady } from './delta-mirror.ts'
import type { DeltaTool } from './delta-tool.ts'

/** zsync, with nginx; it knows files alone. */
export const zsyncDelta: DeltaTool = {
  name: 'zsync',
  program: 'zsync',
  takes: ['file'],
  prepare: (job) => {
    const name = path.basename(job.next)
    symlinkSync(job.next, path.join(job.serverDirectory, name))
    runOrFail('zsyncmake', ['-u', name, '-f', name, '-o', path.join(job.serverDirectory, 'control.zsync'), job.next])
  },
  serve: mirrorOf,
  ready: mirrorReady,
  // It keeps what it fetched so far where it is run, and renames that.
  fetch: (job, url) => ({
    words: ['env', `--chdir=${job.directory}`, 'zsync', '-q', '-i', job.old, '-o', path.basename(job.next), `${url}/control.zsync`],
  }),
}
