import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Command, MeasuredProcess } from './measured-process.ts'

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

/** nginx, as most mirrors run it, in one process; without a log, because each client asks for ranges of another length. */
export function mirrorCommand(job: MirrorJob): Command {
  const file = path.join(job.stateDirectory, 'nginx.conf')
  writeFileSync(file, configuration(job))
  return { words: ['nginx', '-p', job.stateDirectory, '-c', file, '-e', 'stderr'] }
}

/** Waits until a server listens on a TCP port, in whatever network namespace it runs, for as long as that takes. */
export async function listening(server: MeasuredProcess, port: number): Promise<void> {
  const { pid } = await server.started
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  const table = `/proc/${pid}/net/tcp`
  while (
    existsSync(table) &&
    !readFileSync(table, 'latin1')
      .split('\n')
      .some((row) => isListener(row, suffix))
  )
    await pause(POLL_MS)
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
