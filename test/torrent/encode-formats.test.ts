import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concatBytes } from '../../src/base/bytes.ts'
import { encodeInfo, type InfoFields } from '../../src/torrent/encode-info.ts'
import { encodeMetainfo } from '../../src/torrent/encode-metainfo.ts'
import type { Metainfo, TorrentSymlink } from '../../src/torrent/info.ts'
import { decodeMetainfo } from '../../src/torrent/metainfo.ts'
import { inPathOrder } from '../../src/torrent/path-order.ts'
import type { TorrentFormat } from '../../src/torrent/torrent-format.ts'
import { pseudoRandomBytes } from '../store/sample-torrent.ts'
import { buildTorrent, keyOf } from './build-v2.ts'
import { NaiveMerkleTree } from './naive-merkle.ts'

interface SampleFile {
  readonly path: readonly string[]
  readonly content: Uint8Array
  readonly isExecutable: boolean
}

interface Sample {
  readonly files: readonly SampleFile[]
  readonly symlinks: readonly TorrentSymlink[]
  readonly emptyDirectories: readonly (readonly string[])[]
  readonly pieceLengthBytes: number
}

/** Names that sort otherwise by level than with slashes, and one beyond ASCII. */
const names = ['a', 'a.b', 'a-b', 'b', 'é', 'Z', 'zz']
const path = fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 4 })
const length = fc.oneof(fc.nat({ max: 140_000 }), fc.constantFrom(0, 1, 16_384, 32_768, 65_536))
const entry = fc.record({ path, kind: fc.constantFrom('file', 'file', 'file', 'link', 'folder'), length, isExecutable: fc.boolean() })

/** Trees without an entry below another that is no folder, in no order. */
const samples = fc
  .record({ entries: fc.array(entry, { minLength: 1, maxLength: 12 }), pieceLengthBytes: fc.constantFrom(16_384, 32_768, 131_072) })
  .map(({ entries, pieceLengthBytes }): Sample => {
    const kept: (typeof entries)[number][] = []
    const isBelow = (inner: readonly string[], outer: readonly string[]): boolean => outer.every((name, place) => inner[place] === name)
    for (const next of entries) {
      if (!kept.some((known) => isBelow(next.path, known.path) || isBelow(known.path, next.path))) kept.push(next)
    }
    const files = kept.filter(({ kind }) => kind === 'file')
    return {
      files: files.map((file, seed) => ({ ...file, content: pseudoRandomBytes(file.length, seed + 1) })),
      symlinks: kept.filter(({ kind }) => kind === 'link').map((link) => ({ path: link.path, target: ['nowhere', 'at all'] })),
      emptyDirectories: kept.filter(({ kind }) => kind === 'folder').map((folder) => folder.path),
      pieceLengthBytes,
    }
  })
  .filter(({ files }) => files.some(({ content }) => content.length > 0))

/** The torrent of a sample, whose hashes are made as BEP 52 words them. */
function torrentOf({ files, symlinks, emptyDirectories, pieceLengthBytes }: Sample, format: TorrentFormat): Uint8Array {
  const ordered = inPathOrder(files, format)
  const trees = ordered.map(({ content }) => (content.length === 0 ? undefined : new NaiveMerkleTree(content)))
  const info: InfoFields = {
    ...{ name: 'sample', pieceLengthBytes, isSingleFile: false, isPrivate: false },
    files: ordered.map(({ content, isExecutable, ...file }) => ({
      ...{ path: file.path, lengthBytes: content.length, offsetBytes: 0, kind: 'file' as const },
      ...(isExecutable ? { isExecutable } : {}),
    })),
    symlinks: inPathOrder(symlinks, format),
    emptyDirectories,
    pieceHashes: format === 'v2' ? undefined : piecesOf(ordered, format === 'hybrid', pieceLengthBytes),
    piecesRoots: format === 'v1' ? undefined : trees.map((tree) => tree?.root),
  }
  const layers = new Map<string, Uint8Array>()
  for (const [index, { content }] of ordered.entries()) {
    const tree = trees[index]
    if (tree !== undefined && content.length > pieceLengthBytes)
      layers.set(keyOf(tree.root), tree.layer(Math.log2(pieceLengthBytes / 16_384)))
  }
  return encodeMetainfo({ infoBytes: encodeInfo(info), pieceLayers: format === 'v1' ? undefined : layers })
}

function piecesOf(files: readonly SampleFile[], isPadded: boolean, pieceLengthBytes: number): Uint8Array {
  const parts = files.map(({ content }) => content).filter(({ length: bytes }) => bytes > 0)
  const padded = parts.map((content, index) => {
    const gap = isPadded && index < parts.length - 1 ? (pieceLengthBytes - (content.length % pieceLengthBytes)) % pieceLengthBytes : 0
    return concatBytes([content, new Uint8Array(gap)])
  })
  const stream = concatBytes(padded)
  return concatBytes(
    Array.from({ length: Math.ceil(stream.length / pieceLengthBytes) }, (_, piece) =>
      createHash('sha1')
        .update(stream.subarray(piece * pieceLengthBytes, (piece + 1) * pieceLengthBytes))
        .digest(),
    ),
  )
}

const shown = ({ path: at }: { readonly path: readonly string[] }): string => at.join('/')
const realFiles = ({ info }: Metainfo) => info.files.filter(({ kind }) => kind === 'file')

describe.each(['v1', 'v2', 'hybrid'] as const)('a %s torrent of any tree', (format) => {
  it('is read back as it was written, with exec bits, links and empty folders', () => {
    fc.assert(
      fc.property(samples, (sample) => {
        const bytes = torrentOf(sample, format)
        const read = decodeMetainfo(bytes)
        const expected = inPathOrder(sample.files, format)
        expect(realFiles(read).map((file) => [shown(file), file.lengthBytes, file.isExecutable ?? false])).toEqual(
          expected.map((file) => [shown(file), file.content.length, file.isExecutable]),
        )
        expect(new Set(read.info.symlinks ?? [])).toEqual(new Set(sample.symlinks))
        expect(read.info.emptyDirectories ?? []).toEqual(sample.emptyDirectories)
        expect(read.info.isSingleFile).toBe(false)
        expect(read.v2 === undefined).toBe(format === 'v1')
        expect(read.info.pieceHashes === undefined).toBe(format === 'v2')
        const large = expected.filter(({ content }) => content.length > sample.pieceLengthBytes).length
        expect(read.pieceLayers.size).toBe(format === 'v1' ? 0 : large)
      }),
      { numRuns: 60 },
    )
  })

  it('is the same whatever the order in which the tree was found', () => {
    fc.assert(
      fc.property(samples, (sample) => {
        const turned = { ...sample, files: [...sample.files].reverse(), symlinks: [...sample.symlinks].reverse() }
        expect(Buffer.from(torrentOf(turned, format)).equals(torrentOf(sample, format))).toBe(true)
      }),
      { numRuns: 20 },
    )
  })
})

describe('a hybrid torrent', () => {
  it('has padding before every file that would not start a piece, and none behind the last', () => {
    fc.assert(
      fc.property(samples, (sample) => {
        const { info } = decodeMetainfo(torrentOf(sample, 'hybrid'))
        expect(info.files.at(-1)?.kind).toBe('file')
        for (const [index, file] of info.files.entries()) {
          if (file.kind === 'file' && file.lengthBytes > 0) expect(file.offsetBytes % sample.pieceLengthBytes).toBe(0)
          if (file.kind === 'padding') expect(info.files[index + 1]).toMatchObject({ kind: 'file', lengthBytes: expect.any(Number) })
        }
      }),
      { numRuns: 30 },
    )
  })

  it('of one file has no padding', () => {
    const content = pseudoRandomBytes(20_000, 1)
    const file = { path: ['x'], lengthBytes: 20_000, offsetBytes: 0, kind: 'file' as const }
    const infoBytes = encodeInfo({
      ...{ name: 'x', pieceLengthBytes: 16_384, isSingleFile: true, isPrivate: true, files: [file] },
      pieceHashes: piecesOf([{ path: ['x'], content, isExecutable: false }], true, 16_384),
      piecesRoots: [new NaiveMerkleTree(content).root],
    })
    const { info, v2 } = decodeMetainfo(encodeMetainfo({ infoBytes, pieceLayers: new Map() }))
    expect(info).toMatchObject({ isSingleFile: true, isPrivate: true, files: [file] })
    expect(v2?.info.files).toMatchObject([{ path: ['x'], lengthBytes: 20_000 }])
  })
})

it('a v2 torrent is, byte for byte, what BEP 52 makes of its files', () => {
  fc.assert(
    fc.property(samples, (sample) => {
      const bare = { ...sample, symlinks: [], emptyDirectories: [], files: sample.files.map((file) => ({ ...file, isExecutable: false })) }
      const { bytes } = buildTorrent(bare.files, bare.pieceLengthBytes, 'v2', { name: 'sample' })
      expect(Buffer.from(torrentOf(bare, 'v2')).toString('latin1')).toBe(Buffer.from(bytes).toString('latin1'))
    }),
    { numRuns: 40 },
  )
})
