import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { DistroError } from '../../src/base/errors.ts'
import { within } from './deadline.ts'
import { type LaunchOptions, MeasuredProcess, tail } from './measured-process.ts'
import type { Place } from './place.ts'

const READY_SECONDS = 20
const POLL_MS = 20
const LISTENING = '0A'

/** Where a mirror listens, and what it gives. */
export interface MirrorJob {
  readonly address: string
  readonly port: number
  /** The folder whose files it gives. */
  readonly root: string
  /** An empty folder for its own. */
  readonly stateDirectory: string
}

/** Starts nginx, as most mirrors run it, in one process; without a log, because each client asks for ranges of another length. */
export function launchMirror(place: Place, job: MirrorJob, options: LaunchOptions): MeasuredProcess {
  const file = path.join(job.stateDirectory, 'nginx.conf')
  writeFileSync(file, configuration(job))
  return new MeasuredProcess(place, { words: ['nginx', '-p', job.stateDirectory, '-c', file, '-e', 'stderr'] }, options)
}

/**
 * Waits until a mirror that was launched listens on its port, in whatever network namespace.
 *
 * @throws DistroError `INTERNAL` when it ends, `INCOMPLETE` when it takes too long.
 */
export async function mirrorReady(mirror: MeasuredProcess, port: number, logPath: string): Promise<void> {
  const { pid } = await mirror.started
  const failed = mirror.ended.then(() => Promise.reject(new DistroError('INTERNAL', 'the mirror ended', { hint: tail(logPath) })))
  const timeUp = new AbortController()
  await within(READY_SECONDS, 'the mirror', Promise.race([listening(pid, port, timeUp.signal), failed])).finally(() => timeUp.abort())
}

async function listening(pid: number, port: number, signal: AbortSignal): Promise<void> {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  while (!signal.aborted) {
    const rows = readFileSync(`/proc/${pid}/net/tcp`, 'latin1').split('\n').slice(1)
    if (rows.some((row) => isListener(row, suffix))) return
    await pause(POLL_MS)
  }
}

function isListener(row: string, suffix: string): boolean {
  const [, local, , state] = row.trim().split(/\s+/)
  return state === LISTENING && local?.endsWith(suffix) === true
}

function configuration({ address, port, root, stateDirectory }: MirrorJob): string {
  const folders = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${stateDirectory}/${name};`)
  return `
daemon off;
master_process off;
pid ${stateDirectory}/nginx.pid;
error_log stderr error;
events { worker_connections 1024; }
http {
  access_log off;
  sendfile on;
  ${folders.join('\n  ')}
  server {
    listen ${address}:${port};
    root ${root};
  }
}
`
}
