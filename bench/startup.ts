import path from 'node:path'
import { requireVersion } from './clients/all.ts'
import { holdContest } from './harness/contest.ts'
import { type Command, MeasuredProcess } from './harness/measured-process.ts'
import type { Options } from './harness/options.ts'
import type { Place } from './harness/place.ts'
import { rssMiB } from './harness/usage-metrics.ts'
import { makeWorkDirectory } from './harness/work-directory.ts'
import type { Outcome } from './report/outcome.ts'
import { roundTo } from './report/spread.ts'

/** How long `distro --version` takes from the built bundle, beside a Node that does nothing at all. */
export async function startup(options: Options, place: Place): Promise<Outcome> {
  const contestants: Readonly<Record<string, Command>> = {
    distro: { words: [...options.distro, '--version'] },
    node: { words: [process.execPath, '-e', '0'] },
  }
  const version = requireVersion('distro', options.distro)
  const log = path.join(makeWorkDirectory(options.directory, 0).path, 'log')
  const runs = await holdContest(options, {
    contestants: new Map(Object.entries(contestants)),
    usualRounds: 20,
    warmsUp: true,
    measure: async (command) => {
      const usage = await new MeasuredProcess(place, command, { logPath: log }).ended
      const metrics = {
        wallMs: roundTo(1, usage.wallSeconds * 1000),
        cpuMs: roundTo(1, usage.cpuSeconds * 1000),
        rssMiB: rssMiB(usage),
      }
      return { intact: usage.exitCode === 0, metrics }
    },
  })
  return {
    name: 'startup',
    benchmark: 'startup',
    settings: { command: 'distro --version' },
    versions: { distro: version, node: process.version },
    runs,
  }
}
