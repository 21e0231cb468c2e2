import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { DistroError } from '../src/base/errors.ts'
import { GiB } from '../src/base/units.ts'
import { requireVersion } from './clients/all.ts'
import { distroClient } from './clients/distro.ts'
import { prepareContent } from './harness/content.ts'
import type { Options } from './harness/options.ts'
import type { Place } from './harness/place.ts'
import { interleave, loadNow } from './harness/rounds.ts'
import { formatSize } from './harness/sizes.ts'
import { startTracker } from './harness/tracker.ts'
import { describe, LOOPBACK, transfer, WARM_UP_LIMIT_BYTES } from './one-to-one.ts'
import type { Outcome, Run } from './report/outcome.ts'

/** `distro` moves a hybrid. */
const FORMATS: Readonly<Record<string, string>> = { distro: 'hybrid', 'distro-v1': 'v1', 'distro-v2': 'v2' }

/** One seed process to one leech process over loopback, both distro, by .torrents of one file in all formats. */
export async function transferFormats(options: Options, place: Place): Promise<Outcome> {
  const sizeBytes = options.sizeBytes ?? GiB
  const names = options.clients ?? Object.keys(FORMATS)
  const versions = Object.fromEntries(names.map((name) => [name, requireVersion(name.replace(/-v\d$/, ''), options.distro)]))
  const tracker = await startTracker(LOOPBACK, 0)
  try {
    const content = prepareContent(options, sizeBytes, 1)
    const contest = async (name: string, round: number): Promise<Run> => {
      const torrentPath = path.join(content.work.path, `${name}.torrent`)
      const torrents = { torrentPath, trackedTorrentPath: torrentPath }
      const client = { ...distroClient(options.distro), name }
      const run = { client: name, round, load: loadNow(), ...(await transfer(client, { ...content, torrents }, tracker, place, round)) }
      options.say(describe(run))
      return run
    }
    const source = path.join(content.directory, content.fileName)
    for (const name of names) make(options, source, path.join(content.work.path, `${name}.torrent`), name, content.pieceLength)
    if (options.warmUp && sizeBytes <= WARM_UP_LIMIT_BYTES) await interleave(0, 0, names, contest)
    const runs = await interleave(1, options.rounds ?? 5, names, contest)
    const settings = {
      size: formatSize(sizeBytes),
      pieceLength: formatSize(content.pieceLength),
      content: content.kind,
      fileSystem: content.fileSystem,
    }
    return { name: `transfer-formats-${formatSize(sizeBytes)}`, benchmark: 'transfer-formats', settings, versions, runs }
  } finally {
    tracker.close()
  }
}

function make({ distro }: Options, source: string, torrent: string, name: string, pieceLength: number): void {
  const flags = ['--format', FORMATS[name] ?? 'v1', '--piece-length', formatSize(pieceLength), '--progress', 'none']
  const [command = '', ...words] = [...distro, 'create', source, '-o', torrent, ...flags]
  const made = spawnSync(command, words, { encoding: 'utf8' })
  if (made.status !== 0) throw new DistroError('INTERNAL', `distro create ended with code ${made.status}`, { hint: made.stderr })
}
