import { createHash } from 'node:crypto'
import { DistroError } from '../base/errors.ts'
import { KiB, MiB } from '../base/units.ts'
import { BencodeView } from './bencode-view.ts'
import { readFileList } from './file-list.ts'
import { checkHybridTree } from './hybrid-tree.ts'
import type { TorrentInfo } from './info.ts'
import { checkPathElement, type PathRules } from './safe-path.ts'
import { beyondLimit, invalidTorrent, TorrentFields } from './torrent-fields.ts'

/** An info dictionary as received, and what it says. */
export interface InfoDictionary {
  /** SHA-1 of `infoBytes`. */
  readonly infoHash: Uint8Array
  readonly infoBytes: Uint8Array
  readonly info: TorrentInfo
}

/**
 * Reads a bare info dictionary, as peers send it (BEP 9). The result holds views of `infoBytes`.
 * Throws TORRENT_INVALID, TORRENT_UNSUPPORTED, PATH_REFUSED or LIMIT_EXCEEDED with the field in its message.
 */
export function decodeInfoDictionary(infoBytes: Uint8Array, rules: PathRules = {}): InfoDictionary {
  const result = BencodeView.scan(infoBytes)
  if (!result.ok) {
    const tolerant = BencodeView.scan(infoBytes, { canonical: false })
    throw tolerant.ok ? notCanonical(tolerant.value, result.fault, rules) : invalidTorrent(`in its info dictionary, ${result.fault}`)
  }
  const rest = infoBytes.length - result.value.end
  if (rest > 0) throw invalidTorrent(`${rest} bytes follow the value of its info dictionary`)
  return { infoHash: infoHashOf(infoBytes), infoBytes, info: readInfo(result.value, rules) }
}

/**
 * The error for a torrent whose keys are out of order. Some programs hash such bytes as they are and some after sorting them, so
 * its info-hash would be ambiguous. A field that is wrong whatever the order says more, and is named instead.
 */
export function notCanonical(info: BencodeView | undefined, fault: string, rules: PathRules): DistroError {
  try {
    readInfo(info, rules)
  } catch (error) {
    if (error instanceof DistroError) return error
    throw error
  }
  return invalidTorrent(`it is not canonical (${fault}), so that its info-hash would be ambiguous`)
}

/** The v1 info-hash: SHA-1 of the info dictionary exactly as it came (BEP 3). */
export function infoHashOf(infoBytes: Uint8Array): Uint8Array {
  return new Uint8Array(createHash('sha1').update(infoBytes).digest())
}

/** Reads a decoded info dictionary of v1, or the v1 side of a hybrid, and checks that its parts agree. Throws as `decodeInfoDictionary`. */
export function readInfo(value: BencodeView | undefined, rules: PathRules): TorrentInfo {
  const fields = new TorrentFields(value, 'info')
  refuseOtherVersions(fields)
  const name = fields.name('name')
  checkPathElement(name, fields.nameOf('name'), rules)
  const pieceLengthBytes = readPieceLength(fields)
  const list = readFileList(fields, name, pieceLengthBytes, rules)
  if (Math.min(pieceLengthBytes, list.totalBytes) > LARGEST_PIECE) {
    throw beyondLimit(`info.piece length is ${pieceLengthBytes}, and pieces of more than ${LARGEST_PIECE} bytes are not handled`)
  }
  if (fields.has('file tree')) checkHybridTree(fields, list.entries, pieceLengthBytes)
  const pieceHashes = readPieceHashes(fields, list.totalBytes, pieceLengthBytes)
  return {
    name,
    pieceLengthBytes,
    pieceHashes,
    files: list.files,
    isSingleFile: !fields.has('files'),
    totalBytes: list.totalBytes,
    isPrivate: fields.has('private') && fields.integer('private', 0) !== 0,
    ...(list.symlinks.length > 0 ? { symlinks: list.symlinks } : {}),
  }
}

/** The piece length that every client can be expected to handle is far smaller; this bounds the memory that one piece takes. */
const LARGEST_PIECE = 64 * MiB
const LARGEST_PIECE_LENGTH = 512 * MiB
const MOST_PIECES = 400_000

function refuseOtherVersions(fields: TorrentFields): void {
  const version = fields.has('meta version') ? fields.integer('meta version', 1) : 1
  if (version <= 2 && (fields.has('pieces') || (version === 1 && !fields.has('file tree')))) return
  const what = version > 2 ? `info.meta version is ${version}, which is unknown` : 'it is for BitTorrent v2 only (BEP 52)'
  const hint = 'Use a v1 or hybrid torrent of the same content.'
  throw new DistroError('TORRENT_UNSUPPORTED', `The torrent is not supported: ${what}; distro reads v1 and hybrid torrents.`, { hint })
}

function readPieceLength(fields: TorrentFields): number {
  const pieceLength = fields.integer('piece length', 1)
  if (pieceLength % (16 * KiB) !== 0) throw invalidTorrent(`info.piece length is ${pieceLength}, not a multiple of 16 KiB`)
  if (pieceLength > LARGEST_PIECE_LENGTH) throw beyondLimit(`info.piece length is ${pieceLength}, more than ${LARGEST_PIECE_LENGTH}`)
  return pieceLength
}

function readPieceHashes(fields: TorrentFields, totalBytes: number, pieceLength: number): Uint8Array {
  const pieceCount = Math.ceil(totalBytes / pieceLength)
  if (pieceCount > MOST_PIECES) throw beyondLimit(`its files make ${pieceCount} pieces, more than ${MOST_PIECES}`)
  const hashes = fields.bytes('pieces')
  if (hashes.length === pieceCount * 20) return hashes
  throw invalidTorrent(`info.pieces has ${hashes.length} bytes, where ${pieceCount} pieces take ${pieceCount} x 20 = ${pieceCount * 20}`)
}
