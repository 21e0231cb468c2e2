import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import createTorrent, { type CreateTorrentOptions } from 'create-torrent'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { encodeInfo, type InfoFields } from '../../src/torrent/encode-info.ts'
import { encodeMetainfo } from '../../src/torrent/encode-metainfo.ts'
import type { TorrentFile } from '../../src/torrent/info.ts'
import { decodeMetainfo } from '../../src/torrent/metainfo.ts'

type Tree = readonly (readonly [path: string, content: Buffer])[]

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'distro-encode-'))
})
afterAll(() => rm(folder, { recursive: true }))

function bytesOf(length: number, seed: number): Buffer {
  return Buffer.from(Uint8Array.from({ length }, (_, index) => (index * 31 + seed) % 251))
}

function infoOf(name: string, tree: Tree, pieceLengthBytes: number, more: Partial<InfoFields> = {}): InfoFields {
  const stream = Buffer.concat(tree.map(([, content]) => content))
  const digests: Buffer[] = []
  for (let at = 0; at < stream.length; at += pieceLengthBytes) {
    digests.push(
      createHash('sha1')
        .update(stream.subarray(at, at + pieceLengthBytes))
        .digest(),
    )
  }
  let offsetBytes = 0
  const files = tree.map(([path, content]): TorrentFile => {
    const file: TorrentFile = { path: path.split('/'), lengthBytes: content.length, offsetBytes, kind: 'file' }
    offsetBytes += content.length
    return file
  })
  return {
    name,
    pieceLengthBytes,
    pieceHashes: new Uint8Array(Buffer.concat(digests)),
    files,
    isSingleFile: false,
    isPrivate: false,
    ...more,
  }
}

/** The info dictionary that create-torrent writes for `input`. */
async function oracle(input: string, options: CreateTorrentOptions): Promise<Uint8Array> {
  const torrent = await new Promise<Uint8Array>((resolve, reject) => {
    createTorrent(input, { announceList: [], ...options }, (error, bytes) => (error ? reject(error) : resolve(bytes)))
  })
  return decodeMetainfo(new Uint8Array(torrent)).infoBytes
}

describe('encodeInfo', () => {
  it('marks executable files, also a single one, and reads them back', () => {
    const tree: Tree = [
      ['bin/run', bytesOf(10, 1)],
      ['data', bytesOf(20_000, 2)],
    ]
    const plain = infoOf('tree', tree, 16_384)
    const info = { ...plain, files: plain.files.map((file, index) => (index === 0 ? { ...file, isExecutable: true as const } : file)) }
    const read = decodeMetainfo(encodeMetainfo({ infoBytes: encodeInfo(info) })).info
    expect(read.files.map(({ isExecutable }) => isExecutable)).toEqual([true, undefined])
    const single = infoOf('run', [['run', bytesOf(10, 1)]], 16_384, { isSingleFile: true })
    const marked = { ...single, files: single.files.map((file) => ({ ...file, isExecutable: true as const })) }
    expect(decodeMetainfo(encodeMetainfo({ infoBytes: encodeInfo(marked) })).info.files[0]?.isExecutable).toBe(true)
  })

  it.each([
    [1, 16_384],
    [16_384, 16_384],
    [100_001, 32_768],
  ])('writes for a file of %d bytes what create-torrent writes', async (length, pieceLength) => {
    const content = bytesOf(length, 7)
    const path = join(folder, `single-${length}.bin`)
    await writeFile(path, content)
    const info = infoOf(`single-${length}.bin`, [[`single-${length}.bin`, content]], pieceLength, { isSingleFile: true })
    expect(Buffer.from(encodeInfo(info)).equals(await oracle(path, { pieceLength }))).toBe(true)
  })

  it.each([false, true])('writes for a folder what create-torrent writes (private: %s)', async (isPrivate) => {
    const tree: Tree = [
      ['LICENSE', bytesOf(1_000, 1)],
      ['a.txt', bytesOf(0, 2)],
      ['bin/tool', bytesOf(70_000, 3)],
      ['lib/deep/er/x.so', bytesOf(20_000, 4)],
      ['lib/übung.txt', bytesOf(5, 5)],
      ['z', bytesOf(16_384, 6)],
    ]
    const root = join(folder, `tree-${isPrivate}`)
    for (const [path, content] of tree) {
      await mkdir(dirname(join(root, path)), { recursive: true })
      await writeFile(join(root, path), content)
    }
    const theirs = await oracle(root, { pieceLength: 16_384, ...(isPrivate ? { private: true } : {}) })
    const order = decodeMetainfo(encodeMetainfo({ infoBytes: theirs })).info.files.map((file) => file.path.join('/'))
    const ordered = order.map((path) => tree.find(([name]) => name === path) ?? expect.fail(path))
    expect(Buffer.from(encodeInfo(infoOf(`tree-${isPrivate}`, ordered, 16_384, { isPrivate }))).toString('latin1')).toBe(
      Buffer.from(theirs).toString('latin1'),
    )
  })

  it('marks padding', () => {
    const info = infoOf('x', [['a', bytesOf(10, 1)]], 16_384)
    const padded = { ...info, files: [...info.files, { path: ['.pad', '5'], lengthBytes: 5, offsetBytes: 10, kind: 'padding' as const }] }
    expect(decodeMetainfo(encodeMetainfo({ infoBytes: encodeInfo(padded) })).info.files).toEqual(padded.files)
  })
})

describe('encodeMetainfo', () => {
  const infoBytes = encodeInfo(infoOf('x', [['a', bytesOf(10, 1)]], 16_384))

  it('writes the info dictionary as it is, and nothing else unless given', () => {
    expect(Buffer.from(encodeMetainfo({ infoBytes })).toString('latin1')).toBe(`d4:info${Buffer.from(infoBytes).toString('latin1')}e`)
    expect(Buffer.from(encodeMetainfo({ infoBytes, trackers: [], webSeeds: [], nodes: [] })).length).toBe(infoBytes.length + 8)
  })

  it('writes one tracker as announce and several as a list too', () => {
    const written = (trackers: string[][]) => Buffer.from(encodeMetainfo({ infoBytes, trackers })).toString('latin1')
    expect(written([['udp://a:1']])).toMatch(/^d8:announce9:udp:\/\/a:14:infod/)
    expect(written([['udp://a:1'], ['udp://b:1']])).toMatch(
      /^d8:announce9:udp:\/\/a:113:announce-listll9:udp:\/\/a:1el9:udp:\/\/b:1ee4:infod/,
    )
  })

  it('writes what decodeMetainfo reads back', () => {
    const host = fc.constantFrom('a.example', 'b.example', '10.0.0.1')
    const trackers = fc.uniqueArray(
      fc.tuple(fc.constantFrom('http', 'udp', 'https'), host).map(([scheme, name]) => `${scheme}://${name}:80/announce`),
    )
    const text = fc.option(fc.string({ unit: 'grapheme', maxLength: 40 }), { nil: undefined })
    fc.assert(
      fc.property(
        trackers,
        fc.uniqueArray(host),
        text,
        text,
        fc.option(fc.nat(), { nil: undefined }),
        (urls, hosts, comment, createdBy, creationDate) => {
          const fields = {
            infoBytes,
            trackers: urls.map((url) => [url]),
            webSeeds: hosts.map((name) => `http://${name}/`),
            nodes: hosts.map((name) => ({ host: name, port: 6_881 })),
            comment,
            createdBy,
            creationDate,
          }
          expect(decodeMetainfo(encodeMetainfo(fields))).toMatchObject(fields)
        },
      ),
    )
  })
})
