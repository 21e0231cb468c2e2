import { writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Place } from '../harness/place.ts'
import type { Client, Job } from './client.ts'

/** Transmission; it refuses peers on loopback addresses and never exits by itself, so it runs in the swarm only. */
export function transmissionClient(place: Place): Client {
  const hook = path.join(place.root, 'bench', 'clients', 'mark-done.sh')
  const words = (job: Job): string[] => {
    writeSettings(job)
    return ['transmission-cli', '-M', '-p', String(job.port), '-g', job.stateDirectory, '-w', job.directory]
  }
  return {
    name: 'transmission',
    readiness: 'announce',
    seed: (job) => ({ words: [...words(job), '-v', job.trackedTorrentPath] }),
    fetch: (job) => ({
      words: [...words(job), '-f', hook, job.trackedTorrentPath],
      ...(job.doneFile !== undefined && { env: { DISTRO_BENCH_DONE: job.doneFile } }),
    }),
  }
}

function writeSettings(job: Job): void {
  const settings = {
    'bind-address-ipv4': job.address,
    'dht-enabled': false,
    'lpd-enabled': false,
    'utp-enabled': false,
    'port-forwarding-enabled': false,
    'peer-limit-global': 500,
    'peer-limit-per-torrent': 200,
    'upload-slots-per-torrent': 50,
    preallocation: 0,
  }
  writeFileSync(path.join(job.stateDirectory, 'settings.json'), JSON.stringify(settings))
}
