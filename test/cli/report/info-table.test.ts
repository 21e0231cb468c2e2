import { expect, it } from 'vitest'
import type { TorrentSummary } from '../../../src/app/resolve/info-request.ts'
import { infoTable } from '../../../src/cli/report/info-table.ts'
import { styleOf } from '../../../src/cli/report/style.ts'
import { FakeWorld } from '../fake-world.ts'

const v1 = '01'.repeat(20)
const v2 = 'ab'.repeat(32)

const summary: TorrentSummary = {
  name: 'app',
  format: 'v1',
  infoHash: v1,
  infoHashV2: null,
  magnet: 'magnet:',
  bytes: 5,
  pieces: 1,
  pieceLengthBytes: 16_384,
  isPrivate: false,
  isSingleFile: false,
  files: [],
  symlinks: [],
  emptyDirectories: [],
  summedBlockBytes: null,
  similar: [],
  collections: [],
  carries: [],
  trackers: [],
  webSeeds: [],
  nodes: [],
  comment: null,
  createdBy: null,
  createdAt: null,
}

function tableOf(told: TorrentSummary): string[] {
  return infoTable(told, styleOf(new FakeWorld().stdout, {}, false)).split('\n')
}

it.each<[TorrentSummary['format'], string | null, string | null, readonly string[]]>([
  ['v1', v1, null, ['format     v1', `info-hash  ${v1}`]],
  ['hybrid', v1, v2, ['format        hybrid of v1 and v2 (BEP 52)', `info-hash     ${v1}`, `info-hash v2  ${v2}`]],
  ['v2', null, v2, ['format        v2 only (BEP 52)', `info-hash v2  ${v2}`]],
])('the table of a %s torrent names its format and the info-hashes that it has', (format, infoHash, infoHashV2, expected) => {
  const lines = tableOf({ ...summary, format, infoHash, infoHashV2 })
  expect(lines.filter((line) => /^(?:format|info-hash)/.test(line))).toEqual(expected)
})

it('marks what is executable, and shows where links lead and which folders are empty', () => {
  const lines = tableOf({
    ...summary,
    files: [
      { path: 'app/run', lengthBytes: 5, piecesRoot: null, isExecutable: true },
      { path: 'app/notes', lengthBytes: 2_048, piecesRoot: null, isExecutable: false },
    ],
    symlinks: [
      { path: 'app/latest', target: 'app/run' },
      { path: 'app/lib/liba.so', target: 'app/lib/a.so' },
      { path: 'app/lib/up', target: 'app/run' },
    ],
    emptyDirectories: ['app/\u202elog'],
  })
  expect(lines.slice(lines.indexOf('') + 1)).toEqual([
    '2 files, 3 symbolic links, 1 empty directory',
    '    5 B  app/run*',
    '  2 KiB  app/notes',
    '   link  app/latest -> run',
    '   link  app/lib/liba.so -> a.so',
    '   link  app/lib/up -> ../run',
    '  empty  app/\\u202elog/',
  ])
})

it('names what the torrent calls similar, and what it belongs to', () => {
  const lines = tableOf({ ...summary, similar: [v1], collections: ['com.example.app', 'a\u202eb'] })
  expect(lines.filter((line) => /^(?:similar|collection)/.test(line))).toEqual([
    `similar     ${v1}`,
    'collection  com.example.app',
    'collection  a\\u202eb',
  ])
})
