import path from 'node:path'
import { GiB, MiB } from '../../src/base/units.ts'
import { versionsOf } from '../clients/all.ts'
import type { Outcome } from '../report/outcome.ts'
import { describeWith, holdContest } from './contest.ts'
import { gaveUp } from './gave-up.ts'
import { type Command, MeasuredProcess } from './measured-process.ts'
import type { Options } from './options.ts'
import { writePayload } from './payload.ts'
import type { Place } from './place.ts'
import { formatSize } from './sizes.ts'
import { pieceLengthFor } from './torrent-file.ts'
import { cpuPerGiB, paceOf, rssMiB } from './usage-metrics.ts'
import { makeWorkDirectory } from './work-directory.ts'

/** The one file that everybody makes a torrent of, and where one goes. */
export interface Source {
  readonly path: string
  readonly pieceLength: number
}

/** How torrents are made, and told right from wrong. */
export interface Creation {
  command(name: string, torrent: string): Command
  /** `log` holds what the program wrote to standard error. */
  isRight(name: string, torrent: string, log: string): boolean
}

/** A benchmark of making torrents. */
export interface CreationBenchmark {
  readonly name: string
  readonly contestants: readonly string[]
  /** What is said of a torrent that is wrong. */
  readonly flaw: string
  readonly settings: Readonly<Record<string, number>>
  /** Called once, when the source is there. */
  prepare(source: Source, workPath: string): Creation
}

/** Everybody makes a torrent of one file in memory, from its start to its exit. */
export async function measureCreation(options: Options, place: Place, benchmark: CreationBenchmark): Promise<Outcome> {
  const sizeBytes = options.sizeBytes ?? 2 * GiB
  const pieceLength = options.pieceLength ?? pieceLengthFor(sizeBytes)
  const names = options.clients ?? benchmark.contestants
  const versions = versionsOf(names, options.distro)
  const work = makeWorkDirectory(options.directory, sizeBytes + 64 * MiB)
  const source = { path: path.join(work.folder('source'), 'payload.bin'), pieceLength }
  writePayload(source.path, sizeBytes, 'random', pieceLength)
  const creation = benchmark.prepare(source, work.path)
  const runs = await holdContest(options, {
    contestants: new Map(names.map((name) => [name, name])),
    usualRounds: 5,
    warmsUp: options.warmUp,
    measure: async (name, _, round) => {
      const torrent = path.join(work.path, `${name}-${round}.torrent`)
      const log = path.join(work.path, `${name}-${round}.log`)
      const usage = await new MeasuredProcess(place, creation.command(name, torrent), { logPath: log }).ended
      if (usage.exitCode !== 0) throw gaveUp(name, usage, log)
      const metrics = { ...paceOf(sizeBytes, usage), cpuPerGiB: cpuPerGiB(sizeBytes, usage.cpuSeconds), rssMiB: rssMiB(usage) }
      return { intact: creation.isRight(name, torrent, log), metrics }
    },
    describe: describeWith(benchmark.flaw),
  })
  const settings = { size: formatSize(sizeBytes), pieceLength: formatSize(pieceLength), ...benchmark.settings }
  return { name: `${benchmark.name}-${formatSize(sizeBytes)}`, benchmark: benchmark.name, settings, versions, runs }
}
