import { rm } from 'node:fs/promises'
import type { Bitfield } from '../../base/bitfield.ts'
import type { TorrentInfo } from '../../torrent/info.ts'
import type { PieceGeometry } from '../../torrent/piece-geometry.ts'
import { attributeDifference, attributesSeen, placeOf } from '../entry-attributes.ts'
import { settledMode } from '../exec-bit.ts'
import type { ExpectedDigests } from '../expected-digests.ts'
import { PADDING } from '../file-layout.ts'
import type { FileStamp } from '../file-stamp.ts'
import type { HashPool } from '../hash-pool.ts'
import { inBatches } from '../in-batches.ts'
import { ParentFolders } from '../parent-folders.ts'
import { piecesIn, rightPieces } from '../right-pieces.ts'
import type { SourceLayout } from '../source-layout.ts'
import type { StagedLayout } from '../staged-layout.ts'
import { adoptSides } from './adopt-sides.ts'
import type { ByteRange, CopiedFile, FileCopy } from './copy-file.ts'
import { bytesIn, copyFiles } from './copy-files.ts'
import type { Candidate } from './files-below.ts'
import type { ReusablePieces } from './reusable-pieces.ts'

/** Where reusable pieces are to go. */
export interface ReuseRequest {
  readonly info: TorrentInfo
  readonly geometry: PieceGeometry
  /** Of the staging directory. */
  readonly layout: StagedLayout
  /** The tree, or the single file, in it. */
  readonly content: string
  /** True if a file that is wanted as it is may become a second name of the one that was found. */
  readonly mayLink: (candidate: Candidate) => boolean
  readonly expected: ExpectedDigests
  readonly pool: HashPool
  /** Called with each number of bytes that are taken over; half a byte is there and not proven. */
  readonly onTaken?: ((bytes: number) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

/** What was taken over. */
export interface ReusedPieces {
  readonly pieces: Bitfield
  /** What each copied file is now, by number. */
  readonly stamps: ReadonlyMap<number, FileStamp>
  /** Of these the ones that are a second name of what was found: whoever writes there changes them too. */
  readonly linked: ReadonlySet<number>
}

/**
 * Brings pieces that were found elsewhere into the staging directory. What was copied is hashed once more there: a file that is mapped into the
 * memory of another program may change without a trace in its times. Throws DISK_FULL, DISK_FAILED, or the signal's reason.
 */
export async function reusePieces(request: ReuseRequest, { pieces, candidates, layout: from }: ReusablePieces): Promise<ReusedPieces> {
  const { info, geometry, layout, content, pool, signal } = request
  const onHalf = (bytes: number): void => request.onTaken?.(bytes / 2)
  const reused = pieces.copy()
  const stamps = new Map<number, FileStamp>()
  const linked = new Set<number>()
  const shared = sharedFiles(geometry, pieces, candidates)
  const parents = new ParentFolders(info, content)
  const note = (file: number, copy: CopiedFile | undefined, bytes: number): void => {
    if (copy === undefined) leaveOut(geometry, file, reused)
    else stamps.set(file, copy.stamp)
    if (copy?.how === 'linked') linked.add(file)
    // Nothing of these is hashed again.
    if (copy === undefined || copy.how === 'linked') onHalf(bytes)
  }
  const bytesOf = ([file]: FoundFile): number => info.files[file]?.lengthBytes ?? 0
  await inBatches([...candidates], { pool, signal, bytesOf }, async (batch) => {
    const copies: (FileCopy & { readonly file: number })[] = []
    for (const found of batch) {
      const ranges = rangesOf(geometry, from, found[0], pieces)
      if (ranges.length === 0) continue
      await parents.ensure(found[0])
      copies.push({ ...copyOf(request, found, ranges, shared), file: found[0] })
    }
    const copied = await copyFiles(copies, { pool, signal, onCopied: onHalf })
    for (const [index, { file, ranges }] of copies.entries()) note(file, copied[index], bytesIn(ranges))
  })
  const adopted = await adoptSides({
    geometry,
    from,
    to: layout,
    pieces: reused,
    prepare: async (file) => {
      if (!layout.isSide(file)) await parents.ensure(file)
    },
  })
  for (const piece of adopted.lost) reused.delete(piece)
  for (const piece of await wrongCopies(request, reused, linked)) reused.delete(piece)
  for (let file = brokenLink(geometry, linked, reused); file !== undefined; file = brokenLink(geometry, linked, reused)) {
    await rm(layout.pathOf(file), { force: true })
    leaveOut(geometry, file, reused)
    linked.delete(file)
    stamps.delete(file)
  }
  return { pieces: reused, stamps: new Map([...stamps, ...adopted.stamps]), linked }
}

/** Those of `pieces` that are not right where they are now. What has a second name is not looked at: whoever writes to the other changes it at any time. */
async function wrongCopies(request: ReuseRequest, pieces: Bitfield, linked: ReadonlySet<number>): Promise<readonly number[]> {
  const { geometry, layout, expected, pool, signal, onTaken } = request
  const isCopied = (piece: number): boolean =>
    layout.spans(piece, 0, geometry.pieceBytes(piece)).some(({ file }) => file !== PADDING && !linked.has(file))
  const copied = piecesIn(pieces).filter(isCopied)
  let toldBytes = 0
  const onProgress = (bytesDone: number): void => {
    onTaken?.((bytesDone - toldBytes) / 2)
    toldBytes = bytesDone
  }
  const right = await rightPieces({ geometry, layout, expected, pool, signal, pieces: copied, onProgress })
  return copied.filter((piece) => !right.has(piece))
}

/** A file of the torrent, by number, and what holds it. */
type FoundFile = readonly [file: number, candidate: Candidate]

function copyOf(
  { info, layout, mayLink }: ReuseRequest,
  [file, candidate]: FoundFile,
  ranges: readonly ByteRange[],
  shared: ReadonlySet<string>,
): FileCopy {
  const { lengthBytes = 0, isExecutable = false } = info.files[file] ?? {}
  const isWhole = bytesIn(ranges) === lengthBytes && candidate.stamp.lengthBytes === lengthBytes
  return {
    candidate,
    path: layout.pathOf(file),
    lengthBytes,
    ranges,
    isExecutable,
    mayLink: isWhole && !shared.has(inodeOf(candidate)) && mayLink(candidate) && hasAttributes(info, file, candidate),
    isBegun: false,
  }
}

/**
 * The inodes of candidates from which several files take something, under one name or more. These are copied: one that gets another name gets
 * another change time too, and is not what was hashed any more for whichever file comes next.
 */
function sharedFiles(geometry: PieceGeometry, pieces: Bitfield, candidates: ReadonlyMap<number, Candidate>): ReadonlySet<string> {
  const taken = new Set<string>()
  const shared = new Set<string>()
  for (const [file, candidate] of candidates) {
    if (!geometry.somePiece(file, (piece) => pieces.has(piece))) continue
    const inode = inodeOf(candidate)
    if (taken.has(inode)) shared.add(inode)
    else taken.add(inode)
  }
  return shared
}

function inodeOf({ device, stamp }: Candidate): string {
  return `${device} ${stamp.inode}`
}

function leaveOut(geometry: PieceGeometry, file: number, pieces: Bitfield): void {
  const { first, end } = geometry.filePieces(file)
  for (let piece = first; piece < end; piece++) pieces.delete(piece)
}

/**
 * A file with a second name into which a piece would have to be written, because something else that shares the piece could not be taken
 * over: it would be written into what the other name shows.
 */
function brokenLink(geometry: PieceGeometry, linked: ReadonlySet<number>, pieces: Bitfield): number | undefined {
  return [...linked].find((file) => geometry.somePiece(file, (piece) => !pieces.has(piece)))
}

/** True if nothing of the candidate would be changed where it is wanted as it is; it is opened for writing, as all staged files are. */
function hasAttributes(info: TorrentInfo, file: number, candidate: Candidate): boolean {
  const now = attributesSeen(candidate)
  if ((now.mode & OWNER_READ_WRITE) !== OWNER_READ_WRITE) return false
  if (attributeDifference(info, placeOf(info, file), now) !== undefined) return false
  return info.modes !== undefined || now.mode === settledMode(now.mode, info.files[file]?.isExecutable === true)
}

const OWNER_READ_WRITE = 0o600

/** The ranges of a file that lie in `pieces` and come from its candidate. */
function rangesOf(geometry: PieceGeometry, from: SourceLayout, file: number, pieces: Bitfield): ByteRange[] {
  const { first, end } = geometry.filePieces(file)
  const ranges: { start: number; end: number }[] = []
  for (let piece = first; piece < end; piece++) {
    if (!pieces.has(piece)) continue
    for (const span of from.spans(piece, 0, geometry.pieceBytes(piece))) {
      if (span.file !== file) continue
      const range = { start: span.position, end: span.position + span.lengthBytes }
      const last = ranges.at(-1)
      if (last?.end === range.start) last.end = range.end
      else ranges.push(range)
    }
  }
  return ranges
}
