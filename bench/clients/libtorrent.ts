import path from 'node:path'
import type { Place } from '../harness/place.ts'
import type { Client, Job } from './client.ts'

/** libtorrent, through its own Python binding and the small script beside this file. */
export function libtorrentClient(place: Place): Client {
  const script = path.join(place.root, 'bench', 'clients', 'libtorrent-client.py')
  const command = (mode: string, job: Job) => ({
    words: [
      '/usr/bin/python3',
      script,
      mode,
      job.seedAddress === undefined ? job.trackedTorrentPath : job.torrentPath,
      job.directory,
      job.address,
      String(job.port),
      job.seedAddress ?? '-',
      job.doneFile ?? '-',
    ],
  })
  return {
    name: 'libtorrent',
    readiness: 'first-line',
    seed: (job) => command('seed', job),
    fetch: (job) => command('fetch', job),
  }
}
