import path from 'node:path'
import type { Place } from '../harness/place.ts'
import type { Client, Job } from './client.ts'

/** aria2; it takes peers from a tracker only, and checks the whole file before it seeds. */
export function aria2Client(place: Place): Client {
  const hook = path.join(place.root, 'bench', 'clients', 'mark-done.sh')
  return {
    name: 'aria2',
    readiness: 'announce',
    seed: (job) => ({ words: [...commonWords(job), '--check-integrity=true', '--seed-ratio=0', job.trackedTorrentPath] }),
    fetch: (job) =>
      job.doneFile === undefined
        ? { words: [...commonWords(job), '--seed-time=0', ...torrentAndMirror(job)] }
        : {
            words: [...commonWords(job), '--seed-ratio=0', `--on-bt-download-complete=${hook}`, ...torrentAndMirror(job)],
            env: { DISTRO_BENCH_DONE: job.doneFile },
          },
  }
}

/** With a torrent named by a flag, every other word is a web seed. */
function torrentAndMirror({ trackedTorrentPath, mirrorUrl }: Job): string[] {
  return mirrorUrl === undefined ? [trackedTorrentPath] : [`--torrent-file=${trackedTorrentPath}`, mirrorUrl]
}

function commonWords(job: Job): string[] {
  return [
    'aria2c',
    '--no-conf',
    '--quiet',
    '--enable-dht=false',
    '--enable-dht6=false',
    '--bt-enable-lpd=false',
    '--file-allocation=none',
    '--bt-max-peers=0',
    '--bt-request-peer-speed-limit=1000M',
    `--interface=${job.address}`,
    `--listen-port=${job.port}`,
    `--dir=${job.directory}`,
  ]
}
