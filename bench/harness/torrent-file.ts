import { createHash } from 'node:crypto'
import { closeSync, openSync, readFileSync, readSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { GiB, KiB, MiB } from '../../src/base/units.ts'

/** What all clients of a benchmark are given: one v1 torrent of one file, written independently of every client. */
export interface SingleFileTorrent {
  readonly name: string
  readonly sizeBytes: number
  readonly pieceLength: number
  /** The info dictionary, bencoded (BEP 3). */
  readonly info: Buffer
}

/** The piece length that suits a size when none is chosen. */
export function pieceLengthFor(sizeBytes: number): number {
  if (sizeBytes <= 256 * MiB) return 256 * KiB
  return sizeBytes <= 4 * GiB ? MiB : 4 * MiB
}

/** Hashes a file into a v1 info dictionary. */
export function describeFile(file: string, pieceLength: number): SingleFileTorrent {
  const name = path.basename(file)
  const sizeBytes = statSync(file).size
  const pieces = hashPieces(file, pieceLength, Math.ceil(sizeBytes / pieceLength))
  const head = `d6:lengthi${sizeBytes}e4:name${Buffer.byteLength(name)}:${name}12:piece lengthi${pieceLength}e6:pieces${pieces.length}:`
  return { name, sizeBytes, pieceLength, info: Buffer.concat([Buffer.from(head), pieces, Buffer.from('e')]) }
}

/** Writes a .torrent file, with the tracker's address when one is given. */
export function writeTorrent(file: string, torrent: SingleFileTorrent, announce?: string): void {
  const tracker = announce === undefined ? '' : `8:announce${announce.length}:${announce}`
  writeFileSync(file, Buffer.concat([Buffer.from(`d${tracker}4:info`), torrent.info, Buffer.from('e')]))
}

/** SHA-1 over the bytes of the info dictionary as they stand in a .torrent file, in hex. */
export function infoHashOf(torrentFile: string): string {
  const bytes = readFileSync(torrentFile)
  let at = 1
  while (bytes[at] !== 0x65) {
    const keyEnd = skipValue(bytes, at)
    const valueEnd = skipValue(bytes, keyEnd)
    if (bytes.toString('latin1', at, keyEnd) === '4:info') return createHash('sha1').update(bytes.subarray(keyEnd, valueEnd)).digest('hex')
    at = valueEnd
  }
  return ''
}

function hashPieces(file: string, pieceLength: number, count: number): Buffer {
  const descriptor = openSync(file, 'r')
  try {
    const piece = Buffer.alloc(pieceLength)
    const pieces = Buffer.alloc(20 * count)
    for (let index = 0; index < count; index++) {
      const length = readSync(descriptor, piece, 0, pieceLength, index * pieceLength)
      createHash('sha1')
        .update(piece.subarray(0, length))
        .digest()
        .copy(pieces, 20 * index)
    }
    return pieces
  } finally {
    closeSync(descriptor)
  }
}

function skipValue(bytes: Buffer, at: number): number {
  const kind = String.fromCharCode(bytes[at] ?? 0)
  if (kind === 'i') return bytes.indexOf('e', at) + 1
  if (kind === 'd' || kind === 'l') {
    let inner = at + 1
    while (bytes[inner] !== 0x65) inner = skipValue(bytes, inner)
    return inner + 1
  }
  const colon = bytes.indexOf(':', at)
  return colon + 1 + Number(bytes.toString('latin1', at, colon))
}
