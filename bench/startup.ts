import path from 'node:path'
import { requireVersion } from './clients/all.ts'
import { type Command, MeasuredProcess } from './harness/measured-process.ts'
import type { Options } from './harness/options.ts'
import type { Place } from './harness/place.ts'
import { interleave, loadNow } from './harness/rounds.ts'
import { makeWorkDirectory } from './harness/work-directory.ts'
import type { Outcome, Run } from './report/outcome.ts'
import { roundTo } from './report/spread.ts'

/** How long `distro --version` takes from the built bundle, beside a Node that does nothing at all. */
export async function startup(options: Options, place: Place): Promise<Outcome> {
  const contestants: Readonly<Record<string, Command>> = {
    distro: { words: [...options.distro, '--version'] },
    node: { words: [process.execPath, '-e', '0'] },
  }
  const version = requireVersion('distro', options.distro)
  const log = path.join(makeWorkDirectory(options.directory, 0).path, 'log')
  const once = async (name: string, round: number): Promise<Run> => {
    const load = loadNow()
    const usage = await new MeasuredProcess(place, contestants[name] ?? { words: [] }, { logPath: log }).ended
    const metrics = {
      wallMs: roundTo(1, usage.wallSeconds * 1000),
      cpuMs: roundTo(1, usage.cpuSeconds * 1000),
      rssMiB: roundTo(0, usage.peakRssKiB / 1024),
    }
    return { client: name, round, load, intact: usage.exitCode === 0, metrics }
  }
  await interleave(0, 0, Object.keys(contestants), once)
  const runs = await interleave(1, options.rounds ?? 20, Object.keys(contestants), once)
  return {
    name: 'startup',
    benchmark: 'startup',
    settings: { command: 'distro --version' },
    versions: { distro: version, node: process.version },
    runs,
  }
}
