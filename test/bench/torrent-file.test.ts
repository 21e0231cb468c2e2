import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import createTorrent from 'create-torrent'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { writePayload } from '../../bench/harness/payload.ts'
import { describeFile, infoHashOf, pieceLengthFor, writeTorrent } from '../../bench/harness/torrent-file.ts'

const PIECE_LENGTH = 16_384
const folder = mkdtempSync(path.join(os.tmpdir(), 'distro-test-'))
const payload = path.join(folder, 'payload.bin')
const torrent = path.join(folder, 'payload.torrent')

beforeAll(() => writePayload(payload, 100_000, 'random', PIECE_LENGTH))
afterAll(() => rmSync(folder, { recursive: true }))

test('a torrent has the info dictionary that an independent creator makes of the same file', async () => {
  const oracle = path.join(folder, 'oracle.torrent')
  const bytes = await new Promise<Uint8Array>((resolve, reject) => {
    createTorrent(payload, { pieceLength: PIECE_LENGTH, announceList: [] }, (error: Error | null, made: Uint8Array) =>
      error ? reject(error) : resolve(made),
    )
  })
  writeFileSync(oracle, bytes)
  writeTorrent(torrent, describeFile(payload, PIECE_LENGTH), 'http://127.0.0.1:1/announce')
  expect(infoHashOf(torrent)).toBe(infoHashOf(oracle))
})

test('the info-hash is over the bytes of the info dictionary alone, whatever stands around it', () => {
  const described = describeFile(payload, PIECE_LENGTH)
  const expected = createHash('sha1').update(described.info).digest('hex')
  for (const announce of [undefined, 'http://127.0.0.1:1/announce']) {
    writeTorrent(torrent, described, announce)
    expect(infoHashOf(torrent)).toBe(expected)
  }
})

test('the payload is the same every time and as long as asked', () => {
  const again = path.join(folder, 'again.bin')
  writePayload(again, 100_000, 'random', PIECE_LENGTH)
  expect(readFileSync(again).equals(readFileSync(payload))).toBe(true)
  expect(statSync(again).size).toBe(100_000)
})

test('a sparse payload has a different mark at the start of every piece', () => {
  const sparse = path.join(folder, 'sparse.bin')
  writePayload(sparse, 4 * PIECE_LENGTH + 3, 'sparse', PIECE_LENGTH)
  const bytes = readFileSync(sparse)
  expect(bytes.length).toBe(4 * PIECE_LENGTH + 3)
  expect(bytes.toString('latin1', PIECE_LENGTH, PIECE_LENGTH + 15)).toBe('piece at 16384\n')
  expect(bytes.toString('latin1', 4 * PIECE_LENGTH)).toBe('pie')
  expect(bytes[2 * PIECE_LENGTH - 1]).toBe(0)
})

test('piece lengths grow with the size', () => {
  expect([2 ** 20, 2 ** 30, 20 * 2 ** 30].map(pieceLengthFor)).toEqual([2 ** 18, 2 ** 20, 2 ** 22])
})
