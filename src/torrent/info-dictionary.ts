import { createHash } from 'node:crypto'
import { DistroError } from '../base/errors.ts'
import { KiB, MiB } from '../base/units.ts'
import { BencodeView } from './bencode-view.ts'
import { readEmptyDirectories } from './empty-directories.ts'
import { MOST_FILES, readFileList } from './file-list.ts'
import { readFileTree, type TreeEntry } from './file-tree.ts'
import { checkHybridTree } from './hybrid-tree.ts'
import type { TorrentInfo, V2Identity, V2Info } from './info.ts'
import { checkPathElement, type PathRules, PathTree } from './safe-path.ts'
import { resolveSymlinks } from './symlink.ts'
import { beyondLimit, invalidTorrent, TorrentFields } from './torrent-fields.ts'
import { layOutTree } from './v2-info.ts'

/** An info dictionary that has a v1 half, as received, and what it says. */
export interface InfoDictionary {
  /** SHA-1 of `infoBytes`. */
  readonly infoHash: Uint8Array
  readonly infoBytes: Uint8Array
  readonly info: TorrentInfo
  /** The v2 half of a hybrid; absent for a v1 torrent. */
  readonly v2?: V2Identity
}

/** An info dictionary for v2 only (BEP 52). */
export interface V2InfoDictionary {
  readonly infoBytes: Uint8Array
  readonly info?: never
  readonly v2: V2Identity
}

/**
 * Reads a bare info dictionary of v1 or a hybrid, as peers send it (BEP 9). The result holds views of `infoBytes`.
 * Throws as `decodeAnyInfoDictionary`, and TORRENT_UNSUPPORTED for one of v2 only.
 */
export function decodeInfoDictionary(infoBytes: Uint8Array, rules: PathRules = {}): InfoDictionary {
  return withV1Half(decodeAnyInfoDictionary(infoBytes, rules))
}

/**
 * Reads a bare info dictionary of v1, v2 or both. The result holds views of `infoBytes`.
 * Throws TORRENT_INVALID, TORRENT_UNSUPPORTED, PATH_REFUSED or LIMIT_EXCEEDED with the field in its message.
 */
export function decodeAnyInfoDictionary(infoBytes: Uint8Array, rules: PathRules = {}): InfoDictionary | V2InfoDictionary {
  const result = BencodeView.scan(infoBytes)
  if (!result.ok) {
    const tolerant = BencodeView.scan(infoBytes, { canonical: false })
    throw tolerant.ok ? notCanonical(tolerant.value, result.fault, rules) : invalidTorrent(`in its info dictionary, ${result.fault}`)
  }
  const rest = infoBytes.length - result.value.end
  if (rest > 0) throw invalidTorrent(`${rest} bytes follow the value of its info dictionary`)
  return { ...readInfo(result.value, rules), infoBytes }
}

/** The same torrent, if distro can transfer it. Throws TORRENT_UNSUPPORTED for one of v2 only. */
export function withV1Half<Torrent extends { readonly info?: TorrentInfo }>(
  torrent: Torrent,
): Extract<Torrent, { readonly info: TorrentInfo }> {
  if (torrent.info !== undefined) return torrent as Extract<Torrent, { readonly info: TorrentInfo }>
  const what = 'it is for BitTorrent v2 only (BEP 52), and distro transfers and verifies v1 and hybrid torrents'
  const hint = 'distro info says what is in it; use a hybrid torrent of the same content.'
  throw new DistroError('TORRENT_UNSUPPORTED', `The torrent is not supported: ${what}.`, { hint })
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

/** Reads a scanned info dictionary, with its info-hashes over the bytes exactly as they came (BEP 3, 52). Throws as `decodeAnyInfoDictionary`. */
export function readInfo(value: BencodeView | undefined, rules: PathRules): InfoDictionary | V2InfoDictionary {
  const fields = new TorrentFields(value, 'info')
  const infoBytes = value?.raw ?? new Uint8Array()
  const isV2 = readVersion(fields) === 2
  const name = fields.name('name')
  checkPathElement(name, fields.nameOf('name'), rules)
  const pieceLengthBytes = readPieceLength(fields, isV2)
  const isPrivate = fields.has('private') && fields.integer('private', 0) !== 0
  const tree = isV2 ? withTargets(readFileTree(fields), fields, rules) : []
  const v2 = isV2 ? layOutTree(tree, { name, pieceLengthBytes, isPrivate }) : undefined
  if (v2 !== undefined) checkPieceCount(v2.pieceCount)
  if (v2 !== undefined && !V1_FIELDS.some((key) => fields.has(key))) {
    checkPieceBytes(
      pieceLengthBytes,
      v2.files.reduce((most, { lengthBytes }) => Math.max(most, lengthBytes), 0),
    )
    checkPaths(tree, v2, rules)
    return { infoBytes, v2: { infoHash: digest('sha256', infoBytes), info: v2 } }
  }
  const list = readFileList(fields, name, pieceLengthBytes, rules)
  checkPieceBytes(pieceLengthBytes, list.totalBytes)
  if (v2 !== undefined) checkHybridTree(tree, list, v2)
  const info = {
    name,
    pieceLengthBytes,
    pieceHashes: readPieceHashes(fields, list.totalBytes, pieceLengthBytes),
    files: list.files,
    isSingleFile: !fields.has('files'),
    totalBytes: list.totalBytes,
    isPrivate,
    ...(list.symlinks.length > 0 ? { symlinks: list.symlinks } : {}),
    ...(list.emptyDirectories.length > 0 ? { emptyDirectories: list.emptyDirectories } : {}),
  }
  const infoHash = digest('sha1', infoBytes)
  return { infoHash, infoBytes, info, ...(v2 === undefined ? {} : { v2: { infoHash: digest('sha256', infoBytes), info: v2 } }) }
}

const V1_FIELDS = ['pieces', 'files', 'length']

/** The piece length that every client can be expected to handle is far smaller; this bounds the memory that one piece takes. */
const LARGEST_PIECE = 64 * MiB
const LARGEST_PIECE_LENGTH = 512 * MiB
const MOST_PIECES = 400_000

function digest(algorithm: 'sha1' | 'sha256', bytes: Uint8Array): Uint8Array {
  return new Uint8Array(createHash(algorithm).update(bytes).digest())
}

/** 1 or 2. The version comes before everything else: of one that is unknown nothing else can be judged (BEP 52). */
function readVersion(fields: TorrentFields): number {
  const version = fields.has('meta version') ? fields.integer('meta version', 1) : 1
  if (version > 2) {
    const what = `info.meta version is ${version}, which is unknown; distro reads BitTorrent v1 and v2`
    throw new DistroError('TORRENT_UNSUPPORTED', `The torrent is not supported: ${what}.`, {
      hint: 'Use a v1 or hybrid torrent of the same content.',
    })
  }
  if (version === 1 && fields.has('file tree') && !fields.has('pieces')) {
    throw invalidTorrent('it has info.file tree, and info.meta version is not 2')
  }
  return version
}

function readPieceLength(fields: TorrentFields, isV2: boolean): number {
  const pieceLength = fields.integer('piece length', 1)
  if (pieceLength % (16 * KiB) !== 0) throw invalidTorrent(`info.piece length is ${pieceLength}, not a multiple of 16 KiB`)
  if (pieceLength > LARGEST_PIECE_LENGTH) throw beyondLimit(`info.piece length is ${pieceLength}, more than ${LARGEST_PIECE_LENGTH}`)
  if (isV2 && !Number.isInteger(Math.log2(pieceLength))) throw invalidTorrent(`info.piece length is ${pieceLength}, not a power of two`)
  return pieceLength
}

function checkPieceBytes(pieceLengthBytes: number, mostBytes: number): void {
  if (Math.min(pieceLengthBytes, mostBytes) <= LARGEST_PIECE) return
  throw beyondLimit(`info.piece length is ${pieceLengthBytes}, and pieces of more than ${LARGEST_PIECE} bytes are not handled`)
}

/** Paths of a hybrid are checked in its v1 list, which says the same. */
/** The same tree, with the targets of its links from the root folder. */
function withTargets(tree: readonly TreeEntry[], fields: TorrentFields, rules: PathRules): readonly TreeEntry[] {
  const links = tree.flatMap(({ path, target }, index) => (target === undefined ? [] : [{ path, target, index }]))
  const fieldOf = (link: number): string => `info.file tree[${links[link]?.index}].symlink path`
  if (links.length === 0) return tree
  const paths = [...tree.map(({ path }) => path), ...readEmptyDirectories(fields, MOST_FILES - tree.length)]
  const resolved = [...tree]
  for (const { index, target } of resolveSymlinks(paths, links, fieldOf, rules)) {
    const entry = tree[index]
    if (entry !== undefined) resolved[index] = { ...entry, target }
  }
  return resolved
}

function checkPaths(tree: readonly TreeEntry[], { name, isSingleFile }: V2Info, rules: PathRules): void {
  const paths = new PathTree(rules, isSingleFile ? 0 : Buffer.byteLength(name), (index) => `info.file tree[${index}]`)
  for (const [index, { path }] of tree.entries()) paths.add(path, index)
}

function checkPieceCount(pieceCount: number): void {
  if (pieceCount > MOST_PIECES) throw beyondLimit(`its files make ${pieceCount} pieces, more than ${MOST_PIECES}`)
}

function readPieceHashes(fields: TorrentFields, totalBytes: number, pieceLength: number): Uint8Array {
  const pieceCount = Math.ceil(totalBytes / pieceLength)
  checkPieceCount(pieceCount)
  const hashes = fields.bytes('pieces')
  if (hashes.length === pieceCount * 20) return hashes
  throw invalidTorrent(`info.pieces has ${hashes.length} bytes, where ${pieceCount} pieces take ${pieceCount} x 20 = ${pieceCount * 20}`)
}
