import path from 'node:path'
import type { Command } from '../harness/measured-process.ts'
import type { Place } from '../harness/place.ts'
import { type Client, type Job, torrentOf } from './client.ts'

/** libtorrent with its authors' settings, or with those that we found to be the fastest on one connection. */
type Kind = 'libtorrent' | 'libtorrent-tuned'

/** libtorrent, through its own Python binding and the small script beside this file. */
export function libtorrentClient(place: Place, kind: Kind): Client {
  const script = path.join(place.root, 'bench', 'clients', 'libtorrent-client.py')
  const command = (mode: 'seed' | 'fetch', job: Job): Command => {
    const words = [
      profileFor(kind, job),
      mode,
      torrentOf(job),
      job.directory,
      job.address,
      String(job.port),
      job.seedAddress ?? '-',
      job.doneFile ?? '-',
      job.mirrorUrl ?? '-',
    ]
    return { words: ['/usr/bin/python3', script, ...words] }
  }
  return {
    name: kind,
    readiness: 'first-line',
    seed: (job) => command('seed', job),
    fetch: (job) => command('fetch', job),
  }
}

/** The preset for speed distributes worse than the defaults among many peers (2.2 against 1.7 times the bound). */
function profileFor(kind: Kind, job: Job): 'default' | 'preset' | 'tuned' {
  if (kind === 'libtorrent-tuned') return 'tuned'
  const isOneToOne = job.seedAddress !== undefined || (job.mirrorUrl !== undefined && job.doneFile === undefined)
  return isOneToOne ? 'preset' : 'default'
}
