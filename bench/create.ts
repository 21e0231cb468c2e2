import path from 'node:path'
import { GiB, MiB } from '../src/base/units.ts'
import { requireVersion } from './clients/all.ts'
import { type Command, MeasuredProcess, tail } from './harness/measured-process.ts'
import type { Options } from './harness/options.ts'
import { writePayload } from './harness/payload.ts'
import type { Place } from './harness/place.ts'
import { interleave, loadNow } from './harness/rounds.ts'
import { formatSize } from './harness/sizes.ts'
import { describeFile, infoHashOf, pieceLengthFor, writeTorrent } from './harness/torrent-file.ts'
import { makeWorkDirectory } from './harness/work-directory.ts'
import type { Outcome, Run } from './report/outcome.ts'
import { roundTo } from './report/spread.ts'

/** Making a v1 torrent of one file in memory: distro beside mktorrent with two threads. */
export async function create(options: Options, place: Place): Promise<Outcome> {
  const sizeBytes = options.sizeBytes ?? 2 * GiB
  const pieceLength = options.pieceLength ?? pieceLengthFor(sizeBytes)
  const names = options.clients ?? ['distro', 'mktorrent']
  const versions = Object.fromEntries(names.map((name) => [name, requireVersion(name, options.distro)]))
  const work = makeWorkDirectory(options.directory, sizeBytes + 64 * MiB)
  const source = path.join(work.folder('source'), 'payload.bin')
  writePayload(source, sizeBytes, 'random', pieceLength)
  const expected = path.join(work.path, 'expected.torrent')
  writeTorrent(expected, describeFile(source, pieceLength))
  const contest = async (name: string, round: number): Promise<Run> => {
    const load = loadNow()
    const torrent = path.join(work.path, `${name}-${round}.torrent`)
    const log = path.join(work.path, 'log')
    const usage = await new MeasuredProcess(place, commandOf(name, options, source, torrent, pieceLength), { logPath: log }).ended
    if (usage.exitCode !== 0) return { client: name, round, load, intact: false, metrics: {}, failure: tail(log) }
    const metrics = {
      throughputMiBps: roundTo(1, sizeBytes / MiB / usage.wallSeconds),
      wallSeconds: roundTo(3, usage.wallSeconds),
      cpuPerGiB: roundTo(3, usage.cpuSeconds / (sizeBytes / GiB)),
      rssMiB: roundTo(0, usage.peakRssKiB / 1024),
    }
    const intact = infoHashOf(torrent) === infoHashOf(expected)
    options.say(`round ${round} ${name}: ${JSON.stringify(metrics)}${intact ? '' : ' OTHER INFO-HASH'}`)
    return { client: name, round, load, intact, metrics }
  }
  if (options.warmUp) await interleave(0, 0, names, contest)
  const runs = await interleave(1, options.rounds ?? 5, names, contest)
  const settings = { size: formatSize(sizeBytes), pieceLength: formatSize(pieceLength) }
  return { name: `create-${formatSize(sizeBytes)}`, benchmark: 'create', settings, versions, runs }
}

function commandOf(name: string, options: Options, source: string, torrent: string, pieceLength: number): Command {
  if (name === 'mktorrent') return { words: ['mktorrent', '-t', '2', '-l', String(Math.log2(pieceLength)), '-o', torrent, source] }
  const flags = ['--format', 'v1', '--piece-length', formatSize(pieceLength), '--progress', 'none']
  return { words: [...options.distro, 'create', source, '-o', torrent, ...flags] }
}
