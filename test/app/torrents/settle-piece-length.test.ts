import { expect, it } from 'vitest'
import { settlePieceLength } from '../../../src/app/torrents/settle-piece-length.ts'
import { MiB } from '../../../src/base/units.ts'

const around = { name: 'app', isPrivate: false, emptyDirectories: [], symlinks: [] }
const fileOf = (path: readonly string[], lengthBytes: number) => ({ path, lengthBytes, offsetBytes: 0, kind: 'file' as const })
const oneFile = (lengthBytes: number) => ({ ...around, isSingleFile: true, files: [fileOf(['app'], lengthBytes)] })
const manyFiles = (count: number, lengthBytes: number) => ({
  ...around,
  isSingleFile: false,
  files: Array.from({ length: count }, (_, index) => fileOf([String(index).padStart(6, '0')], lengthBytes)),
})

it('is the usual one where the .torrent is small enough, and a larger one where it would not be read', () => {
  const lengthBytes = 199_000 * 8 * MiB
  expect(settlePieceLength(oneFile(lengthBytes), 'v1', undefined)).toBe(8 * MiB)
  expect(settlePieceLength(oneFile(lengthBytes), 'v2', undefined)).toBe(8 * MiB)
  // 20 bytes in info and 32 in the piece layers for each of 199,000 pieces are more than 10 MB.
  expect(settlePieceLength(oneFile(lengthBytes), 'hybrid', undefined)).toBe(16 * MiB)
})

it('is never another than the one that was asked for', () => {
  expect(settlePieceLength(oneFile(5 * MiB), 'hybrid', MiB)).toBe(MiB)
  expect(() => settlePieceLength(oneFile(199_000 * 8 * MiB), 'hybrid', 8 * MiB)).toThrow('more than the limit of 10000000')
})

it('counts in v2 and hybrids the pieces of each file', () => {
  expect(settlePieceLength(manyFiles(10, 20_000), 'v1', 16_384)).toBe(16_384)
  const files = [...manyFiles(10, 20_000).files, fileOf(['z'], 399_985 * 16_384)]
  expect(settlePieceLength({ ...around, isSingleFile: false, files }, 'v1', 16_384)).toBe(16_384)
  expect(() => settlePieceLength({ ...around, isSingleFile: false, files }, 'v2', 16_384)).toThrow('make 400005 pieces, more than 400000')
})

it('says of too many files that a hybrid names them twice', () => {
  expect(settlePieceLength(manyFiles(20_000, 1), 'v2', undefined)).toBe(32_768)
  const settling = () => settlePieceLength(manyFiles(60_000, 1), 'hybrid', undefined)
  expect(settling).toThrow(expect.objectContaining({ code: 'LIMIT_EXCEEDED', hint: expect.stringContaining('--format v2 or v1') }))
})
