import { createHash } from 'node:crypto'
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { StoreJob } from '../../src/store/hash-jobs.ts'
import { storePiece } from '../../src/store/store-piece.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { NaiveMerkleTree } from '../torrent/naive-merkle.ts'
import { pseudoRandomBytes } from './sample-torrent.ts'

const lengthBytes = 40_000
const offsetBytes = 500
const memory = new Uint8Array(new SharedArrayBuffer(64_000))
memory.set(pseudoRandomBytes(lengthBytes, 7), offsetBytes)
const piece = memory.slice(offsetBytes, offsetBytes + lengthBytes)
const sha1 = (bytes: Uint8Array): Buffer => createHash('sha1').update(bytes).digest()
const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest()
const blockDigests = Buffer.concat([0, 1, 2].map((block) => sha1(piece.subarray(block * 16_384, (block + 1) * 16_384))))

/** The merkle hash of `last`, the second piece of a file in pieces of 256 KiB. */
function lastOfTwo(last: Uint8Array): Uint8Array {
  return new NaiveMerkleTree(Buffer.concat([pseudoRandomBytes(262_144, 8), last])).wholeLayer(4)[1] ?? new Uint8Array()
}

async function writableFile(): Promise<{ path: string; fd: number }> {
  const path = join(await temporaryFolder(), 'file')
  const fd = openSync(path, 'w+')
  onTestFinished(() => closeSync(fd))
  return { path, fd }
}

const job = (parts: Partial<StoreJob>): StoreJob => ({
  kind: 'store',
  offsetBytes,
  lengthBytes,
  expected: { digest: sha1(piece), leafCount: 0, zerosBehindBytes: 0 },
  wantDigests: false,
  spans: [],
  ...parts,
})

describe('storePiece', () => {
  it('writes each run of a right piece to its place', async () => {
    const [one, two] = [await writableFile(), await writableFile()]
    const spans = [
      { fd: one.fd, position: 10, pieceOffset: 0, lengthBytes: 1_000 },
      { fd: two.fd, position: 0, pieceOffset: 1_000, lengthBytes: 39_000 },
    ]
    expect(storePiece(memory, job({ spans }))).toEqual({ kind: 'stored', blockDigests: undefined })
    expect(new Uint8Array(readFileSync(one.path))).toEqual(new Uint8Array([...new Uint8Array(10), ...piece.subarray(0, 1_000)]))
    expect(new Uint8Array(readFileSync(two.path))).toEqual(piece.slice(1_000))
  })

  it('writes nothing of a corrupt piece and gives the digest of every block', async () => {
    const { path, fd } = await writableFile()
    const expected = { digest: new Uint8Array(20), leafCount: 0, zerosBehindBytes: 0 }
    const reply = storePiece(memory, job({ expected, spans: [{ fd, position: 0, pieceOffset: 0, lengthBytes }] }))
    expect(reply.kind).toBe('corrupt')
    expect(reply.kind === 'corrupt' && Buffer.from(reply.blockDigests)).toEqual(blockDigests)
    expect(readFileSync(path)).toHaveLength(0)
  })

  it('gives the digest of every block of a right piece when asked', () => {
    const reply = storePiece(memory, job({ wantDigests: true }))
    expect(reply.kind === 'stored' && Buffer.from(reply.blockDigests ?? [])).toEqual(blockDigests)
  })

  it('hashes the padding behind a piece of a hybrid that is in no memory', () => {
    const zerosBehindBytes = 100_000
    const digest = sha1(Buffer.concat([piece, new Uint8Array(zerosBehindBytes)]))
    const right = { digest, leafCount: 0, zerosBehindBytes }
    expect(storePiece(memory, job({ expected: right }))).toEqual({ kind: 'stored', blockDigests: undefined })
    expect(storePiece(memory, job({ expected: { ...right, zerosBehindBytes: 99_999 } })).kind).toBe('corrupt')
  })

  it.each([
    ['of a small file, with as many leaves as that takes', 4, new NaiveMerkleTree(piece).root],
    ['of a larger file, with the leaves of a whole piece', 16, lastOfTwo(piece)],
  ])('checks a piece %s, by its merkle hash, and gives its leaves', (_, leafCount, digest) => {
    const expected = { digest, leafCount, zerosBehindBytes: 0 }
    const leaves = Buffer.concat([0, 1, 2].map((block) => sha256(piece.subarray(block * 16_384, (block + 1) * 16_384))))
    expect(storePiece(memory, job({ expected }))).toEqual({ kind: 'stored', blockDigests: undefined })
    expect(storePiece(memory, job({ expected, wantDigests: true }))).toEqual({ kind: 'stored', blockDigests: new Uint8Array(leaves) })
    const wrong = { ...expected, digest: new Uint8Array(32) }
    expect(storePiece(memory, job({ expected: wrong }))).toEqual({ kind: 'corrupt', blockDigests: new Uint8Array(leaves) })
  })

  it('writes without hashing what was found right before', async () => {
    const { path, fd } = await writableFile()
    storePiece(memory, job({ expected: undefined, spans: [{ fd, position: 0, pieceOffset: 5, lengthBytes: 3 }] }))
    expect(new Uint8Array(readFileSync(path))).toEqual(piece.slice(5, 8))
  })

  it('says which run could not be written and why', async () => {
    const path = join(await temporaryFolder(), 'read-only')
    writeFileSync(path, '')
    const fd = openSync(path, 'r')
    onTestFinished(() => closeSync(fd))
    const good = await writableFile()
    const spans = [
      { fd: good.fd, position: 0, pieceOffset: 0, lengthBytes: 10 },
      { fd, position: 0, pieceOffset: 10, lengthBytes: 10 },
    ]
    expect(storePiece(memory, job({ spans }))).toEqual({ kind: 'failed', systemCode: 'EBADF', span: 1 })
  })
})
