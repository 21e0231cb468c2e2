import { lstatSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { Bitfield } from '../../../src/base/bitfield.ts'
import { systemClock } from '../../../src/base/system-clock.ts'
import { ExpectedDigests } from '../../../src/store/expected-digests.ts'
import { stampOf } from '../../../src/store/file-stamp.ts'
import { HashPool } from '../../../src/store/hash-pool.ts'
import { reusePieces } from '../../../src/store/reuse/reuse-pieces.ts'
import { Selection } from '../../../src/store/selection.ts'
import { SourceLayout } from '../../../src/store/source-layout.ts'
import { StagedLayout } from '../../../src/store/staged-layout.ts'
import { PieceGeometry } from '../../../src/torrent/piece-geometry.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { publishSample, sampleTorrent } from '../sample-torrent.ts'

const pieceBytes = 16_384

it('leaves out what changed between its hash and its copy without a trace in its times, as mapped files do', async () => {
  const sample = sampleTorrent([
    ['a.bin', 4 * pieceBytes],
    ['b.bin', 4 * pieceBytes],
  ])
  const { info } = sample
  const before = publishSample(sample, await temporaryFolder())
  const staging = await temporaryFolder()
  const paths = { content: join(staging, 'content'), sides: join(staging, 'sides') }
  await mkdir(paths.content)
  const bytes = readFileSync(join(before, 'b.bin'))
  bytes[pieceBytes] = (bytes[pieceBytes] ?? 0) ^ 0xff
  writeFileSync(join(before, 'b.bin'), bytes)
  const pool = new HashPool({ clock: systemClock, workers: 1 })
  onTestFinished(() => pool.close())
  const geometry = new PieceGeometry(info)
  // What a search found that hashed the file before the write, and looked at its times after it.
  const candidates = new Map(
    info.files.map((file, index) => {
      const path = join(before, ...file.path)
      const stats = lstatSync(path, { bigint: true })
      return [index, { path, stamp: stampOf(stats), mode: Number(stats.mode), device: stats.dev }] as const
    }),
  )
  const pieces = new Bitfield(geometry.pieceCount)
  for (let piece = 0; piece < geometry.pieceCount; piece++) pieces.add(piece)
  let takenBytes = 0
  const reused = await reusePieces(
    {
      info,
      geometry,
      layout: new StagedLayout(info, geometry, new Selection(info, geometry, undefined), paths),
      content: paths.content,
      expected: new ExpectedDigests(info, geometry, undefined),
      mayLink: () => false,
      pool,
      onTaken: (bytes) => {
        takenBytes += bytes
      },
    },
    { pieces, candidates, layout: new SourceLayout(info, geometry, candidates, new Map()) },
  )
  expect([...reused.pieces.members()]).toEqual([0, 1, 2, 3, 4, 6, 7])
  expect(takenBytes).toBe(info.totalBytes)
})
