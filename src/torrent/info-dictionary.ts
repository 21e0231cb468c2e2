import { createHash } from 'node:crypto'
import { DistroError } from '../base/errors.ts'
import { KiB, MiB } from '../base/units.ts'
import { BencodeView } from './bencode-view.ts'
import { readBlockSums } from './block-sums.ts'
import { readEmptyDirectories } from './empty-directories.ts'
import { readModes } from './entry-modes.ts'
import { readMtimes } from './entry-mtimes.ts'
import { type FileList, MOST_FILES, readFileList } from './file-list.ts'
import { readFileTree, type TreeEntry } from './file-tree.ts'
import { filesOfHybrid } from './hybrid-tree.ts'
import type { InfoDictionary, TorrentInfo, V2Info } from './info.ts'
import { type OwnEntries, ownFields } from './own-entries.ts'
import { pathRules, readPosixNames } from './posix-names.ts'
import { checkPathElement, type PathRules, PathTree } from './safe-path.ts'
import { resolveSymlinks } from './symlink.ts'
import { beyondLimit, invalidTorrent, TorrentFields } from './torrent-fields.ts'
import { readHints } from './torrent-hints.ts'
import { infoOfTree, layOutTree } from './v2-info.ts'

/**
 * Reads a bare info dictionary of v1, v2 or both. The result holds views of `infoBytes`.
 * Throws TORRENT_INVALID, TORRENT_UNSUPPORTED, PATH_REFUSED or LIMIT_EXCEEDED with the field in its message.
 */
export function decodeInfoDictionary(infoBytes: Uint8Array): InfoDictionary {
  const result = BencodeView.scan(infoBytes)
  if (!result.ok) {
    const tolerant = BencodeView.scan(infoBytes, { canonical: false })
    throw tolerant.ok ? notCanonical(tolerant.value, result.fault) : invalidTorrent(`in its info dictionary, ${result.fault}`)
  }
  const rest = infoBytes.length - result.value.end
  if (rest > 0) throw invalidTorrent(`${rest} bytes follow the value of its info dictionary`)
  return { ...readInfo(result.value), infoBytes }
}

/**
 * The error for a torrent whose keys are out of order. Some programs hash such bytes as they are and some after sorting them, so
 * its info-hash would be ambiguous. A field that is wrong whatever the order says more, and is named instead.
 */
export function notCanonical(info: BencodeView | undefined, fault: string): DistroError {
  try {
    readInfo(info)
  } catch (error) {
    if (error instanceof DistroError) return error
    throw error
  }
  return invalidTorrent(`it is not canonical (${fault}), so that its info-hash would be ambiguous`)
}

/** Reads a scanned info dictionary, with its info-hashes over the bytes exactly as they came (BEP 3, 52). Throws as `decodeInfoDictionary`. */
export function readInfo(value: BencodeView | undefined): InfoDictionary {
  const fields = new TorrentFields(value, 'info')
  const [own, hints] = [ownFields(fields), readHints(fields)]
  const content = readContent(fields, value?.raw ?? new Uint8Array(), pathRules(readPosixNames(own)))
  const info = own === undefined ? content.info : { ...content.info, ...ownEntriesOf(own, content.info) }
  return { ...content, info, ...(hints === undefined ? {} : { hints }) }
}

/** What is said of entries beyond names and bytes. Blocks of files are blocks of pieces only where every file starts a piece. */
function ownEntriesOf(own: TorrentFields, info: TorrentInfo): Pick<OwnEntries, 'hasPosixNames' | 'modes' | 'mtimes' | 'blockSums'> {
  const [modes, mtimes] = [readModes(own, info), readMtimes(own, info)]
  const blockSums = info.isAligned === true ? readBlockSums(own, info.files) : undefined
  return {
    ...(readPosixNames(own) ? { hasPosixNames: true } : {}),
    ...(modes === undefined ? {} : { modes }),
    ...(mtimes === undefined ? {} : { mtimes }),
    ...(blockSums === undefined ? {} : { blockSums }),
  }
}

function readContent(fields: TorrentFields, infoBytes: Uint8Array, rules: PathRules): InfoDictionary {
  const isV2 = readVersion(fields) === 2
  const name = fields.name('name')
  checkPathElement(name, fields.nameOf('name'), rules)
  const pieceLengthBytes = readPieceLength(fields, isV2)
  const isPrivate = fields.has('private') && fields.integer('private', 0) !== 0
  const own = { name, pieceLengthBytes, isPrivate }
  if (!isV2) {
    const list = readFileList(fields, name, pieceLengthBytes, rules)
    return { infoHash: digest('sha1', infoBytes), infoBytes, info: v1Info(fields, own, list) }
  }
  const hasV1 = V1_FIELDS.some((key) => fields.has(key))
  const unresolved = readFileTree(fields)
  const emptyDirectories = hasV1 && !fields.has('files') ? [] : readEmptyDirectories(ownFields(fields), MOST_FILES - unresolved.length)
  const tree = withTargets(unresolved, emptyDirectories, rules)
  const isSingleFile = hasV1 ? !fields.has('files') : isAlone(tree, name) && emptyDirectories.length === 0
  const v2 = { infoHash: digest('sha256', infoBytes), info: layOutTree(tree, { ...own, isSingleFile }) }
  checkPieceCount(v2.info.pieceCount)
  if (!hasV1) {
    checkPieceBytes(
      pieceLengthBytes,
      tree.reduce((most, { lengthBytes }) => Math.max(most, lengthBytes), 0),
    )
    checkPaths(tree, emptyDirectories, v2.info, rules)
    return { infoHash: v2.infoHash.slice(0, V1_HASH_BYTES), infoBytes, info: infoOfTree(v2.info, emptyDirectories), v2 }
  }
  const list = readFileList(fields, name, pieceLengthBytes, rules)
  const files = filesOfHybrid(tree, list, v2.info)
  const info = { ...v1Info(fields, own, list), files, totalBytes: v2.info.totalBytes, isAligned: true } as const
  return { infoHash: digest('sha1', infoBytes), infoBytes, info, v2 }
}

function v1Info(fields: TorrentFields, own: Pick<TorrentInfo, 'name' | 'pieceLengthBytes' | 'isPrivate'>, list: FileList): TorrentInfo {
  const { files, totalBytes, symlinks, emptyDirectories } = list
  checkPieceBytes(own.pieceLengthBytes, totalBytes)
  return {
    ...own,
    pieceHashes: readPieceHashes(fields, totalBytes, own.pieceLengthBytes),
    files,
    isSingleFile: !fields.has('files'),
    totalBytes,
    ...(symlinks.length > 0 ? { symlinks } : {}),
    ...(emptyDirectories.length > 0 ? { emptyDirectories } : {}),
  }
}

/**
 * True if a tree of v2 only is one file and no folder around it. BEP 52 does not say which it is; a file that is called as the torrent is
 * what programs write for the one, and a folder that holds one file is the other.
 */
function isAlone([first, ...others]: readonly TreeEntry[], name: string): boolean {
  return others.length === 0 && first?.target === undefined && first?.path.length === 1 && first.path[0] === name
}

const V1_FIELDS = ['pieces', 'files', 'length']
const V1_HASH_BYTES = 20

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

/** The same tree, with the targets of its links from the root folder. */
function withTargets(tree: readonly TreeEntry[], emptyDirectories: readonly (readonly string[])[], rules: PathRules): readonly TreeEntry[] {
  const links = tree.flatMap(({ path, target }, index) => (target === undefined ? [] : [{ path, target, index }]))
  const fieldOf = (link: number): string => `info.file tree[${links[link]?.index}].symlink path`
  if (links.length === 0) return tree
  const paths = [...tree.map(({ path }) => path), ...emptyDirectories]
  const resolved = [...tree]
  for (const { index, target } of resolveSymlinks(paths, links, fieldOf, rules)) {
    const entry = tree[index]
    if (entry !== undefined) resolved[index] = { ...entry, target }
  }
  return resolved
}

/** Of v2 only; paths of a hybrid are checked in its v1 list, which says the same. */
function checkPaths(
  tree: readonly TreeEntry[],
  emptyDirectories: readonly (readonly string[])[],
  { name, isSingleFile }: V2Info,
  rules: PathRules,
): void {
  const fieldOf = (index: number): string => (index < tree.length ? `info.file tree[${index}]` : `info.distro.dirs[${index - tree.length}]`)
  const paths = new PathTree(rules, isSingleFile ? 0 : Buffer.byteLength(name), fieldOf)
  for (const [index, { path }] of tree.entries()) paths.add(path, index)
  for (const [index, path] of emptyDirectories.entries()) paths.add(path, tree.length + index)
}

/** Throws LIMIT_EXCEEDED for more pieces than are handled. */
export function checkPieceCount(pieceCount: number): void {
  if (pieceCount > MOST_PIECES) throw beyondLimit(`its files make ${pieceCount} pieces, more than ${MOST_PIECES}`)
}

function readPieceHashes(fields: TorrentFields, totalBytes: number, pieceLength: number): Uint8Array {
  const pieceCount = Math.ceil(totalBytes / pieceLength)
  checkPieceCount(pieceCount)
  const hashes = fields.bytes('pieces')
  if (hashes.length === pieceCount * 20) return hashes
  throw invalidTorrent(`info.pieces has ${hashes.length} bytes, where ${pieceCount} pieces take ${pieceCount} x 20 = ${pieceCount * 20}`)
}
