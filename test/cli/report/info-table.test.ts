import { expect, it } from 'vitest'
import type { TorrentSummary } from '../../../src/app/info-request.ts'
import { infoTable } from '../../../src/cli/report/info-table.ts'
import { styleOf } from '../../../src/cli/report/style.ts'
import { FakeWorld } from '../fake-world.ts'

const v1 = '01'.repeat(20)
const v2 = 'ab'.repeat(32)

it.each<[TorrentSummary['format'], string | null, string | null, readonly string[]]>([
  ['v1', v1, null, ['format     v1', `info-hash  ${v1}`]],
  ['hybrid', v1, v2, ['format        hybrid of v1 and v2 (BEP 52)', `info-hash     ${v1}`, `info-hash v2  ${v2}`]],
  ['v2', null, v2, ['format        v2 only (BEP 52), which distro reads and does not transfer', `info-hash v2  ${v2}`]],
])('the table of a %s torrent names its format and the info-hashes that it has', (format, infoHash, infoHashV2, expected) => {
  const summary: TorrentSummary = {
    name: 'app',
    format,
    infoHash,
    infoHashV2,
    magnet: 'magnet:',
    bytes: 5,
    pieces: 1,
    pieceLengthBytes: 16_384,
    isPrivate: false,
    isSingleFile: false,
    files: [],
    trackers: [],
    webSeeds: [],
    nodes: [],
    comment: null,
    createdBy: null,
    createdAt: null,
  }
  const lines = infoTable(summary, styleOf(new FakeWorld().stdout, {}, false)).split('\n')
  expect(lines.filter((line) => /^(?:format|info-hash)/.test(line))).toEqual(expected)
})
