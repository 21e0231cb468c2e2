import path from 'node:path'
import { GiB } from '../src/base/units.ts'
import { versionsOf } from './clients/all.ts'
import { distroClient, distroCreate } from './clients/distro.ts'
import { contentSettings, prepareContent } from './harness/content.ts'
import { FORMATS } from './harness/formats.ts'
import { LOOPBACK } from './harness/free-port.ts'
import type { Options } from './harness/options.ts'
import type { Place } from './harness/place.ts'
import { runOrFail } from './harness/run-or-fail.ts'
import { formatSize } from './harness/sizes.ts'
import { startTracker } from './harness/tracker.ts'
import { holdTransfers, transfer } from './one-to-one.ts'
import type { Outcome } from './report/outcome.ts'

/** One seed process to one leech process over loopback, both distro, by .torrents of one file in all formats. */
export async function transferFormats(options: Options, place: Place): Promise<Outcome> {
  const sizeBytes = options.sizeBytes ?? GiB
  const names = options.clients ?? Object.keys(FORMATS)
  const versions = versionsOf(names, options.distro)
  const tracker = await startTracker(LOOPBACK, 0)
  try {
    const content = prepareContent(options, sizeBytes, 1)
    const { work, pieceLength } = content
    const source = path.join(content.directory, content.fileName)
    const torrents = new Map(names.map((name) => [name, path.join(work.path, `${name}.torrent`)]))
    for (const [name, torrent] of torrents) {
      const [program = '', ...words] = distroCreate(options.distro, { source, torrent, format: FORMATS[name] ?? 'v1', pieceLength }).words
      runOrFail(program, words)
    }
    const runs = await holdTransfers(options, sizeBytes, torrents, (torrentPath, name, round) => {
      const described = { ...content, torrents: { torrentPath, trackedTorrentPath: torrentPath } }
      return transfer({ ...distroClient(options.distro), name }, described, tracker, place, round)
    })
    const settings = contentSettings(content)
    return { name: `transfer-formats-${formatSize(sizeBytes)}`, benchmark: 'transfer-formats', settings, versions, runs }
  } finally {
    tracker.close()
  }
}
