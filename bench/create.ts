import path from 'node:path'
import { distroCreate } from './clients/distro.ts'
import { measureCreation } from './harness/creation.ts'
import type { Options } from './harness/options.ts'
import type { Place } from './harness/place.ts'
import { describeFile, infoHashOf, writeTorrent } from './harness/torrent-file.ts'
import type { Outcome } from './report/outcome.ts'

/** Making a v1 torrent of one file in memory: distro beside mktorrent with two threads. */
export function create(options: Options, place: Place): Promise<Outcome> {
  return measureCreation(options, place, {
    name: 'create',
    contestants: ['distro', 'mktorrent'],
    flaw: 'OTHER INFO-HASH',
    settings: {},
    prepare: ({ path: source, pieceLength }, workPath) => {
      const expected = path.join(workPath, 'expected.torrent')
      writeTorrent(expected, describeFile(source, pieceLength))
      return {
        command: (name, torrent) =>
          name === 'mktorrent'
            ? { words: ['mktorrent', '-t', '2', '-l', String(Math.log2(pieceLength)), '-o', torrent, source] }
            : distroCreate(options.distro, { source, torrent, format: 'v1', pieceLength }),
        isRight: (_, torrent) => infoHashOf(torrent) === infoHashOf(expected),
      }
    },
  })
}
