import { mkdirSync, mkdtempSync, readdirSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { GiB } from '../src/base/units.ts'
import type { Options } from './harness/options.ts'
import type { Place } from './harness/place.ts'
import { oneToOne } from './one-to-one.ts'
import { describeProfile } from './report/top-functions.ts'

/** Runs one transfer with V8's sampling profiler in every thread of the seed and the fetch, and tells where time went. */
export async function profile(options: Options, place: Place): Promise<void> {
  const folder = options.directory ?? mkdtempSync(path.join(os.tmpdir(), 'distro-profile-'))
  mkdirSync(folder, { recursive: true })
  const [program = process.execPath, ...words] = options.distro
  const distro = [program, '--cpu-prof', `--cpu-prof-dir=${folder}`, ...words]
  const { directory: _, ...rest } = options
  await oneToOne({ ...rest, sizeBytes: options.sizeBytes ?? GiB, rounds: options.rounds ?? 1, clients: ['distro'], distro }, place)
  for (const file of readdirSync(folder)) {
    if (file.endsWith('.cpuprofile')) process.stdout.write(`${describeProfile(path.join(folder, file))}\n`)
  }
}
