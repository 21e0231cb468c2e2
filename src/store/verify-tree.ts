import { lstat } from 'node:fs/promises'
import { Bitfield } from '../base/bitfield.ts'
import type { TorrentInfo } from '../torrent/info.ts'
import type { MerkleTrees } from '../torrent/merkle-trees.ts'
import { PieceGeometry } from '../torrent/piece-geometry.ts'
import { contentStamps } from './content-stamps.ts'
import { digestPieces } from './digest-pieces.ts'
import { ExpectedDigests } from './expected-digests.ts'
import { ContentLayout, contentPath, type FileLayout, PADDING } from './file-layout.ts'
import type { FileStamp } from './file-stamp.ts'
import type { HashPool } from './hash-pool.ts'
import { Selection } from './selection.ts'

export interface VerifyRequest {
  readonly info: TorrentInfo
  /** For v2 and hybrids, as in `FetchStoreOptions`. */
  readonly trees?: MerkleTrees | undefined
  /** The tree, or the only file, that should hold the content. */
  readonly root: string
  /** What of it is checked; undefined means all. Files that are not wanted may be missing, and are neither believed nor blamed. */
  readonly selection?: Selection | undefined
  readonly pool: HashPool
  /** Bytes checked so far, and bytes to check. */
  readonly onProgress?: (bytesDone: number, bytesTotal: number) => void
  readonly signal?: AbortSignal
}

/** What is wrong with a tree; files are numbers in torrent order, each in at most one list. */
export interface VerifyResult {
  /** Pieces whose hash is right. */
  readonly verified: Bitfield
  readonly isWhole: boolean
  readonly missing: readonly number[]
  /** Files that are longer or shorter than published, or not regular files. */
  readonly wrongLength: readonly number[]
  /** Files of the right length that cannot be read, or that have a wrong piece of their own. */
  readonly damaged: readonly number[]
  /** The files of each wrong piece that several share and that no missing or wrong-length file explains: one of them at least is damaged. */
  readonly shared: readonly (readonly number[])[]
  /** Pieces that could not be checked because a file in them is missing, of the wrong length or not wanted, and that hold bytes of others too. */
  readonly unchecked: readonly UncheckedPiece[]
  /** What each file was before it was read; undefined for padding and for what is not there. */
  readonly stamps: readonly (FileStamp | undefined)[]
}

/** A piece of which nobody can tell whether these files are right, because of those that are flawed. */
export interface UncheckedPiece {
  readonly files: readonly number[]
  readonly flawed: readonly number[]
}

/** Checks content on disk against a torrent, on every worker of the pool. Files that change meanwhile count as damaged. */
export async function verifyTree(request: VerifyRequest): Promise<VerifyResult> {
  const { info, root, trees } = request
  const geometry = new PieceGeometry(info)
  const selection = request.selection ?? new Selection(info, geometry, undefined)
  const expected = new ExpectedDigests(info, geometry, trees)
  const layout = new ContentLayout(info, geometry, root)
  const stamps = await contentStamps(info, root, request.pool)
  const { missing, wrongLength } = await findFlaws(info, root, selection, stamps)
  const verified = new Bitfield(geometry.pieceCount)
  const damaged = new Set<number>()
  const shared: number[][] = []
  const unchecked: UncheckedPiece[] = []
  const unwanted = selection.isWhole ? [] : [...info.files.keys()].filter((file) => !selection.wantsFile(file))
  const flawed = new Set([...missing, ...wrongLength, ...unwanted])
  let bytesDone = 0
  await digestPieces({
    geometry,
    layout,
    pieces: selection.wanted.members(),
    byFile: expected.onDisk,
    stampOf: (file) => stamps[file],
    pool: request.pool,
    signal: request.signal,
    onDigests({ pieces, digests, bytes, faults }): void {
      for (const { file } of faults) if (!flawed.has(file)) damaged.add(file)
      pieces.forEach((piece, place) => {
        if (expected.isRight(piece, digests, place)) {
          verified.add(piece)
          return
        }
        const files = filesOf(layout, geometry, piece)
        const sound = files.filter((file) => !flawed.has(file))
        const [only, ...others] = sound
        if (only === undefined) return
        // One that is known to be flawed takes the blame alone, and nobody can tell what the others are.
        if (sound.length < files.length) unchecked.push({ files: sound, flawed: files.filter((file) => flawed.has(file)) })
        else if (others.length > 0) shared.push([only, ...others])
        else damaged.add(only)
      })
      bytesDone += bytes
      request.onProgress?.(bytesDone, selection.wantedBytes)
    },
  })
  const isWhole = verified.count === selection.wanted.count && missing.length + wrongLength.length + damaged.size === 0
  const inOrder = (left: number, right: number): number => left - right
  shared.sort(([left = 0], [right = 0]) => left - right)
  unchecked.sort(({ files: [left = 0] }, { files: [right = 0] }) => left - right)
  return { verified, isWhole, missing, wrongLength, damaged: [...damaged].sort(inOrder), shared, unchecked, stamps }
}

async function findFlaws(
  info: TorrentInfo,
  root: string,
  selection: Selection,
  stamps: readonly (FileStamp | undefined)[],
): Promise<Pick<VerifyResult, 'missing' | 'wrongLength'>> {
  const missing: number[] = []
  const wrongLength: number[] = []
  for (const [index, file] of info.files.entries()) {
    if (!selection.wantsFile(index) || stamps[index]?.lengthBytes === file.lengthBytes) continue
    const isThere = stamps[index] !== undefined || (await lstat(contentPath(info, root, index)).catch(() => undefined)) !== undefined
    ;(isThere ? wrongLength : missing).push(index)
  }
  return { missing, wrongLength }
}

/** The files that have a part in `piece`, in torrent order. */
function filesOf(layout: FileLayout, geometry: PieceGeometry, piece: number): number[] {
  const files = layout.spans(piece, 0, geometry.pieceBytes(piece)).map((span) => span.file)
  return files.filter((file) => file !== PADDING)
}
