import { cpSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { listening } from '../harness/mirror.ts'
import type { DeltaJob, DeltaTool } from './delta-tool.ts'

/** Every file is compared by its digest, and what differs is brought up to date by blocks; files of like names are looked at for new ones. */
const FETCH_FLAGS = ['-rlp', '--checksum', '--no-whole-file', '--fuzzy', '--delete-delay']

/** rsync, with its own server; a copy of the old version is brought up to date in the place of the new one. */
export const rsyncDelta: DeltaTool = {
  name: 'rsync',
  program: 'rsync',
  takes: ['file', 'tree'],
  prepare: (job) => {
    cpSync(job.old, path.join(job.directory, path.basename(job.next)), { recursive: true })
    writeFileSync(path.join(job.serverDirectory, 'rsyncd.conf'), configuration(job))
  },
  serve: (job) => ({ words: ['rsync', '--daemon', '--no-detach', `--config=${path.join(job.serverDirectory, 'rsyncd.conf')}`] }),
  ready: async (server, { address, port, next }) => {
    await listening(server, port)
    return `rsync://${address}:${port}/content/${path.basename(next)}`
  },
  fetch: (job, url) => ({ words: ['rsync', ...FETCH_FLAGS, url, `${job.directory}/`] }),
}

function configuration({ address, port, next }: DeltaJob): string {
  return `
address = ${address}
port = ${port}
use chroot = no
reverse lookup = no
uid = 0
gid = 0
[content]
path = ${path.dirname(next)}
read only = yes
`
}
