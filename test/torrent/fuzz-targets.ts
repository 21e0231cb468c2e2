import { expect } from 'vitest'
import { utf8Bytes } from '../../src/base/bytes.ts'
import { decodeBencode, decodeBencodePrefix, encodeBencode } from '../../src/torrent/bencode.ts'
import { BencodeView } from '../../src/torrent/bencode-view.ts'
import { parseIdentifier } from '../../src/torrent/identifier.ts'
import { decodeInfoDictionary } from '../../src/torrent/info-dictionary.ts'
import { formatMagnet, parseMagnet } from '../../src/torrent/magnet.ts'
import { decodeMetainfo } from '../../src/torrent/metainfo.ts'
import { PieceGeometry } from '../../src/torrent/piece-geometry.ts'
import { PathTree } from '../../src/torrent/safe-path.ts'
import type { FuzzTarget } from '../fuzz/fuzz-target.ts'
import { dictionary, file, folderInfo, hashes, singleInfo, torrent } from './build-torrent.ts'
import { buildTorrent, leaf } from './build-v2.ts'

const content = (lengthBytes: number) => new Uint8Array(lengthBytes).fill(7)
const contents = [
  { path: ['a', 'b'], content: content(40_000) },
  { path: ['c'], content: content(5) },
]
const real = (['v2', 'hybrid'] as const).map((format) => buildTorrent(contents, 16_384, format))
const infos = [
  singleInfo(),
  folderInfo([file('a/b', 10), file('.pad/0', 16_374, { attr: 'p' }), file('c', 5)], { pieces: hashes(2), private: 1 }),
  folderInfo([file('a', 10), file('b', 0, { attr: 'l', 'symlink path': ['a'] }), file('ü/e\u0301', 3, { 'path.utf-8': ['ü', 'e\u0301'] })]),
  folderInfo([file('a', 10)], { similar: [new Uint8Array(20), new Uint8Array(32)], collections: ['x', 'y'] }),
  folderInfo([file('a', 10)], { distro: dictionary({ dirs: [['e', 'f'], ['g']] }) }),
  folderInfo([file('a\\b', 10), file('line\nbreak', 1), file('A', 1), file('a', 1)], { distro: dictionary({ names: 'posix' }) }),
  folderInfo([file('a/c', 10), file('b', 0, { attr: 'l', 'symlink path': ['a'] })], {
    distro: dictionary({
      modes: dictionary({ files: [0o644, 1], folders: [0o755, 2] }),
      mtimes: dictionary({ files: [7, 1], folders: [7, 1, 8, 1], links: [9, 1] }),
    }),
  }),
  folderInfo([file('a', 10), file('b', 0)], { 'meta version': 2, 'file tree': dictionary({ a: leaf(10), b: leaf(0) }) }),
]
const around = {
  announce: 'http://a.example/announce',
  'announce-list': [['http://a.example/announce', 'udp://b.example:1']],
  comment: 'x',
  collections: ['y'],
  'creation date': 1_700_000_000,
  nodes: [['10.0.0.1', 6_881]],
  similar: [new Uint8Array(20)],
  'url-list': ['http://w.example/'],
}
const LEADS_ELSEWHERE = /(?:^|\/)(?:\.\.?)?(?:\/|$)|\0/
const LEADS_ELSEWHERE_ON_WINDOWS = /(?:^|\/)(?:\.\.?)?(?:\/|$)|\\|\0/

const words = [
  'd',
  'l',
  'i',
  'e',
  'i-1e',
  'i0e',
  'de',
  'le',
  '0:',
  '1:',
  '4:info',
  '6:length',
  '4:path',
  '4:attr1:l',
  '12:piece length',
  '6:pieces',
  '9:file tree',
  '11:pieces root',
  '12:piece layers',
  'd0:d',
]
const magnet = `magnet:?xt=urn:btih:${'0123456789abcdef'.repeat(2)}01234567`

/** The decoders of this floor. */
export const fuzzTargets: readonly FuzzTarget[] = [
  {
    name: 'bencode',
    seeds: infos.map((info) => torrent(info, around)),
    words,
    decode(bytes): void {
      const strict = decodeBencode(bytes)
      const tolerant = decodeBencode(bytes, { canonical: false })
      const prefix = decodeBencodePrefix(bytes)
      const scanned = BencodeView.scan(bytes)
      expect(scanned.ok ? scanned.value.end : scanned.fault).toBe(prefix.ok ? prefix.value.length : prefix.fault)
      if (!strict.ok) return
      expect(Buffer.from(encodeBencode(strict.value)).equals(bytes)).toBe(true)
      expect(tolerant.ok && prefix.ok && prefix.value.length).toBe(bytes.length)
      const info = scanned.ok ? scanned.value.entries(1_000)?.get('info') : undefined
      if (info !== undefined) expect(decodeBencode(info.raw).ok).toBe(true)
    },
  },
  {
    name: 'metainfo',
    seeds: [...infos.map((info) => torrent(info, around)), ...real.map(({ bytes }) => bytes)],
    words,
    decode(bytes): void {
      const { info, v2, hints } = decodeMetainfo(bytes)
      for (const hash of hints?.similar ?? []) expect(hash.length).toBe(20)
      for (const name of hints?.collections ?? []) expect(Buffer.byteLength(name)).toBeGreaterThan(0)
      if (v2 !== undefined) {
        const v2Files = v2.info.files.map((entry) => ({ ...entry, kind: 'file' as const }))
        const v2Geometry = new PieceGeometry({ pieceLengthBytes: v2.info.pieceLengthBytes, files: v2Files })
        expect(v2Geometry.pieceCount).toBe(v2.info.pieceCount)
        for (const { piecesRoot, lengthBytes } of v2Files) expect(piecesRoot?.length).toBe(lengthBytes > 0 ? 32 : undefined)
        for (const entry of v2Files)
          expect(entry.path.join('/')).not.toMatch(info.hasPosixNames === true ? LEADS_ELSEWHERE : LEADS_ELSEWHERE_ON_WINDOWS)
      }
      const geometry = new PieceGeometry(info)
      if (v2 !== undefined) expect(geometry.pieceCount).toBe(v2.info.pieceCount)
      if (info.pieceHashes !== undefined) expect(geometry.pieceCount * 20).toBe(info.pieceHashes.length)
      if (v2 === undefined) expect(geometry.totalBytes).toBe(info.totalBytes)
      for (const entry of info.files)
        expect(entry.path.join('/')).not.toMatch(info.hasPosixNames === true ? LEADS_ELSEWHERE : LEADS_ELSEWHERE_ON_WINDOWS)
    },
  },
  {
    name: 'info dictionary',
    seeds: [...infos.map((info) => encodeBencode(info)), ...real.map(({ info }) => info)],
    words,
    decode(bytes): void {
      decodeInfoDictionary(bytes)
    },
  },
  {
    name: 'magnet',
    seeds: [
      magnet,
      `${magnet}&dn=My+App%20%2B&tr=http%3A%2F%2Fa.example%2Fx&x.pe=10.0.0.1:6881&x.pe=[2001:db8::1]:5&ws=https://w.example/&so=0,2,4-6`,
      `stream-magnet:?xt.1=urn:btih:AERUKZ4JVPG66AJDIVTYTK6N54ASGRLH&xt.2=urn:btmh:1220${'ab'.repeat(32)}`,
    ].map(utf8Bytes),
    words: ['&', '=', '%', '%2', '%ff', '&so=', '&tr=', '&x.pe=', '&dn=', '&xt=urn:btih:', '&xt=urn:btmh:1220', '-', ',', '[', ']:', '+'],
    decode(bytes): void {
      const read = parseMagnet(Buffer.from(bytes).toString('utf8'))
      expect([20, undefined]).toContain(read.infoHash?.length)
      expect([32, undefined]).toContain(read.infoHashV2?.length)
      expect(read.infoHash ?? read.infoHashV2).toBeDefined()
      const again = parseMagnet(formatMagnet(read))
      expect(again.infoHash).toEqual(read.infoHash)
      expect(again.infoHashV2).toEqual(read.infoHashV2)
      expect(again.peers).toEqual(read.peers)
    },
  },
  {
    name: 'identifier',
    seeds: [magnet, '0123456789abcdef0123456789abcdef01234567', 'http://a.example/x.torrent', './x.torrent'].map(utf8Bytes),
    words: ['http://', 'https://', 'magnet:', './', ':', '[', '@', '?'],
    decode(bytes): void {
      parseIdentifier(Buffer.from(bytes).toString('utf8'))
    },
  },
  {
    name: 'paths',
    seeds: ['lib/a.so\nlib/b.so\nLIB2/c', 'café\ncafe\nx/y/z', 'aux.txt\nname.\nc:x'].map(utf8Bytes),
    words: ['/', '\n', '.', ' ', 'CON', '\\', ':', '\xc3\x9f', 'SS'],
    decode(bytes): void {
      const tree = new PathTree({}, 7, (index) => `files[${index}]`)
      for (const [index, path] of Buffer.from(bytes).toString('utf8').split('\n').entries()) tree.add(path.split('/'), index)
    },
  },
]
