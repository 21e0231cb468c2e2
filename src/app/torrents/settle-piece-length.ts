import { DistroError } from '../../base/errors.ts'
import { MOST_SUMS_BYTES, SUM_BYTES, SummedBlocks, sumBlockBytes } from '../../torrent/block-sums.ts'
import { encodeInfo, type InfoFields } from '../../torrent/encode-info.ts'
import { MOST_FILES } from '../../torrent/file-list.ts'
import { fileOffsets } from '../../torrent/file-offsets.ts'
import { checkPieceCount, decodeInfoDictionary } from '../../torrent/info-dictionary.ts'
import { MERKLE_HASH_BYTES } from '../../torrent/merkle-tree.ts'
import { METAINFO_MAX_BYTES } from '../../torrent/metainfo.ts'
import { automaticPieceLength, LARGEST_PIECE_LENGTH } from '../../torrent/piece-length.ts'
import type { TorrentFormat } from '../../torrent/torrent-format.ts'

/** A torrent before its content is hashed. */
export type TorrentDraft = Omit<InfoFields, 'pieceHashes' | 'piecesRoots' | 'pieceLengthBytes'>

/**
 * The piece length of a torrent in bytes: `wanted`, or one that follows from its size and that keeps the .torrent within what is read.
 * Judges before the work of hashing what would be refused after it. Throws LIMIT_EXCEEDED for more pieces, more files or a larger
 * .torrent than any host would take.
 */
export function settlePieceLength(draft: TorrentDraft, format: TorrentFormat, wanted: number | undefined): number {
  const totalBytes = draft.files.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0)
  const first = wanted ?? automaticPieceLength(totalBytes)
  if (faultOf(draft, format, first) === undefined) return first
  const fault = faultOf(draft, format, wanted ?? LARGEST_PIECE_LENGTH)
  for (let length = first * 2; fault === undefined; length *= 2) if (faultOf(draft, format, length) === undefined) return length
  const hint = wanted === undefined ? hints[format] : `Leave out --piece-length, or name a larger one. ${hints[format]}`
  throw new DistroError('LIMIT_EXCEEDED', `No host would take this torrent. ${fault.message}`, { hint, cause: fault })
}

const hints: Readonly<Record<TorrentFormat, string>> = {
  v1: 'Split the content into several torrents.',
  v2: 'Split the content into several torrents: in v2 every file takes a piece of its own.',
  hybrid: 'Split the content into several torrents, or name --format v2 or v1: a hybrid says everything twice.',
}

/** What a reader would say of the torrent, whatever its hashes are. */
function faultOf(draft: TorrentDraft, format: TorrentFormat, pieceLengthBytes: number): DistroError | undefined {
  try {
    const pieceCount = pieceCountOf(draft, format, pieceLengthBytes)
    checkPieceCount(pieceCount)
    if (isSurelySmall(draft, pieceCount)) return undefined
    const infoBytes = encodeInfo({ ...draft, pieceLengthBytes, ...anyHashes(draft, format, pieceCount) })
    const mostBytes = infoBytes.length + (format === 'v1' ? 0 : sumsBytes(draft) + layerBytes(draft, pieceLengthBytes))
    if (mostBytes > METAINFO_MAX_BYTES) {
      return new DistroError('LIMIT_EXCEEDED', `A torrent of ${mostBytes} bytes is more than the limit of ${METAINFO_MAX_BYTES}.`)
    }
    decodeInfoDictionary(infoBytes)
    return undefined
  } catch (error) {
    if (error instanceof DistroError && error.code === 'LIMIT_EXCEEDED') return error
    throw error
  }
}

function pieceCountOf({ files }: TorrentDraft, format: TorrentFormat, pieceLengthBytes: number): number {
  const last = files.length - 1
  const end = (fileOffsets(files, pieceLengthBytes, format)[last] ?? 0) + (files[last]?.lengthBytes ?? 0)
  return Math.ceil(end / pieceLengthBytes)
}

/** True if the torrent is within all bounds by so much that it need not be written to know: as it is for most trees, and writing takes time. */
function isSurelySmall(draft: TorrentDraft, pieceCount: number): boolean {
  const { files, symlinks = [], emptyDirectories = [], modes, mtimes } = draft
  const paths = [...files.map(({ path }) => path), ...symlinks.flatMap(({ path, target }) => [path, target]), ...emptyDirectories]
  // Every entry may have a padding beside it, and every path is there twice in a hybrid.
  if (2 * paths.length > MOST_FILES) return false
  const pathBytes = paths.reduce((sum, path) => sum + path.reduce((bytes, name) => bytes + Buffer.byteLength(name) + NAME_BYTES, 0), 0)
  const attributeBytes = ((modes?.size ?? 0) + (mtimes?.size ?? 0)) * RUN_BYTES
  const otherBytes = attributeBytes + pieceCount * PIECE_BYTES + MOST_SUMS_BYTES
  return 2 * pathBytes + paths.length * ENTRY_BYTES + otherBytes < METAINFO_MAX_BYTES
}

/** What surrounds a name and an entry of all formats, and what the hashes of a piece take, with room to spare. */
const NAME_BYTES = 8
const ENTRY_BYTES = 280
const PIECE_BYTES = 52
/** A mode or a time that no neighbour has. */
const RUN_BYTES = 16

/** Hashes that take as much room as the right ones will. */
function anyHashes({ files }: TorrentDraft, format: TorrentFormat, pieceCount: number): Pick<InfoFields, 'pieceHashes' | 'piecesRoots'> {
  const root = new Uint8Array(MERKLE_HASH_BYTES).fill(1)
  return {
    pieceHashes: format === 'v2' ? undefined : new Uint8Array(pieceCount * 20),
    piecesRoots: format === 'v1' ? undefined : files.map(({ lengthBytes }) => (lengthBytes === 0 ? undefined : root)),
  }
}

/** What the sums of blocks take, if there are any. */
function sumsBytes({ files }: TorrentDraft): number {
  return new SummedBlocks(files, sumBlockBytes(files)).count * SUM_BYTES + SUMS_AROUND_BYTES
}

/** The keys around the sums, with room to spare. */
const SUMS_AROUND_BYTES = 128

/** What the piece layers take at most; files with the same content share theirs. */
function layerBytes({ files }: TorrentDraft, pieceLengthBytes: number): number {
  return files
    .filter(({ lengthBytes }) => lengthBytes > pieceLengthBytes)
    .reduce((sum, { lengthBytes }) => sum + Math.ceil(lengthBytes / pieceLengthBytes) * MERKLE_HASH_BYTES + KEY_BYTES, 0)
}

/** A root of 32 bytes and the lengths of it and of its layer. */
const KEY_BYTES = 48
