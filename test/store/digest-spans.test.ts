import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { lstatSync, symlinkSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { digestSpans } from '../../src/store/digest-spans.ts'
import { stampOf } from '../../src/store/file-stamp.ts'
import type { ReadSpan } from '../../src/store/hash-jobs.ts'
import { pseudoRandomBytes } from './sample-torrent.ts'

const bytes = pseudoRandomBytes(3_000, 3)
const span = (path: string, position: number, lengthBytes: number, stamp?: ReadSpan['stamp']): ReadSpan => ({
  path,
  position,
  lengthBytes,
  stamp,
})
const digestsOf = (content: Uint8Array, pieceLengthBytes: number): string[] =>
  Array.from({ length: Math.ceil(content.length / pieceLengthBytes) }, (_, piece) =>
    createHash('sha1')
      .update(content.subarray(piece * pieceLengthBytes, (piece + 1) * pieceLengthBytes))
      .digest('hex'),
  )
const inHex = (digests: Uint8Array): string[] =>
  Array.from({ length: digests.length / 20 }, (_, piece) => Buffer.from(digests.subarray(piece * 20, piece * 20 + 20)).toString('hex'))
const none = '0'.repeat(40)

describe('digestSpans', () => {
  let folder = ''
  let path = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'distro-test-'))
    path = join(folder, 'file')
    writeFileSync(path, bytes)
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  it('hashes pieces across spans and padding as if they were one stream', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 2_000 }), fc.integer({ min: 1, max: 1_000 })), { maxLength: 8 }),
        fc.integer({ min: 1, max: 700 }),
        (parts, pieceLengthBytes) => {
          const spans = parts.map(([isPadding, position, length]) => span(isPadding ? '' : path, position, length))
          const stream = Buffer.concat(
            parts.map(([isPadding, position, length]) =>
              isPadding ? new Uint8Array(length) : bytes.subarray(position, position + length),
            ),
          )
          const reply = digestSpans({ kind: 'digest', pieceLengthBytes, spans })
          expect(reply.faults).toEqual([])
          expect(inHex(reply.digests)).toEqual(digestsOf(stream, pieceLengthBytes))
        },
      ),
    )
  })

  it('gives no digest to exactly those pieces that a span which cannot be read touches', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 900 })), { minLength: 1, maxLength: 8 }), (parts) => {
        const spans = parts.map(([isThere, length]) => span(isThere ? path : join(folder, 'absent'), 0, length))
        const stream = Buffer.concat(parts.map(([, length]) => bytes.subarray(0, length)))
        const isSpoiled = new Set<number>()
        let at = 0
        for (const [isThere, length] of parts) {
          if (!isThere) for (let offset = at; offset < at + length; offset++) isSpoiled.add(Math.floor(offset / 256))
          at += length
        }
        const reply = digestSpans({ kind: 'digest', pieceLengthBytes: 256, spans })
        expect(inHex(reply.digests)).toEqual(digestsOf(stream, 256).map((digest, piece) => (isSpoiled.has(piece) ? none : digest)))
        expect(reply.faults.map((fault) => fault.systemCode)).toEqual(parts.filter(([isThere]) => !isThere).map(() => 'ENOENT'))
      }),
    )
  })

  it('says SHORT of a file that ends early and CHANGED of one that is not what it was', () => {
    const stamp = stampOf(lstatSync(path, { bigint: true }))
    const short = digestSpans({ kind: 'digest', pieceLengthBytes: 1_024, spans: [span(path, 2_000, 2_000)] })
    expect(short.faults).toEqual([{ span: 0, systemCode: 'SHORT' }])
    const changed = digestSpans({
      kind: 'digest',
      pieceLengthBytes: 1_024,
      spans: [span(path, 0, 100, stamp), span(path, 100, 100, { ...stamp, mtimeNs: stamp.mtimeNs + 1n })],
    })
    expect(changed.faults).toEqual([{ span: 1, systemCode: 'CHANGED' }])
    expect(inHex(changed.digests)).toEqual([none])
  })

  it('neither follows a link nor waits for a FIFO', () => {
    const link = join(folder, 'link')
    const fifo = join(folder, 'fifo')
    symlinkSync(path, link)
    execFileSync('mkfifo', [fifo])
    const reply = digestSpans({ kind: 'digest', pieceLengthBytes: 64, spans: [span(link, 0, 64), span(fifo, 0, 64)] })
    expect(reply.faults.map((fault) => fault.systemCode)).toEqual(['ELOOP', 'EINVAL'])
  })
})
