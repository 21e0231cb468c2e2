import { mkdtempSync, readdirSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { GiB } from '../src/base/units.ts'
import type { Options } from './harness/options.ts'
import type { Place } from './harness/place.ts'
import { oneToOne } from './one-to-one.ts'
import { describeProfile } from './report/top-functions.ts'

/** Adds the profiler to a distro command line, whose verb names the folder the profile goes to. */
const PROFILED = 'folder=$0; program=$1; shift; exec "$program" --cpu-prof "--cpu-prof-dir=$folder/$2" "$@"'

/** Runs one transfer with V8's sampling profiler in the seed and the fetch, and tells where the time of each went. */
export async function profile(options: Options, place: Place): Promise<void> {
  const folder = options.directory ?? mkdtempSync(path.join(os.tmpdir(), 'distro-profile-'))
  const distro = ['/bin/sh', '-c', PROFILED, folder, ...options.distro]
  const { directory: _, ...rest } = options
  const rounds = options.rounds ?? 1
  await oneToOne({ ...rest, sizeBytes: options.sizeBytes ?? GiB, rounds, warmUp: false, clients: ['distro'], distro }, place)
  for (const verb of ['seed', 'fetch']) {
    for (const file of readdirSync(path.join(folder, verb)).sort()) {
      process.stdout.write(`${describeProfile(path.join(folder, verb, file))}\n`)
    }
  }
}
