import { constants } from 'node:fs'
import { type FileHandle, lstat, open } from 'node:fs/promises'
import { MiB } from '../../base/units.ts'
import type { TorrentInfo } from '../../torrent/info.ts'
import type { PieceGeometry } from '../../torrent/piece-geometry.ts'
import { diskError } from '../disk-error.ts'
import { madeMode } from '../exec-bit.ts'
import type { ExpectedDigests } from '../expected-digests.ts'
import type { FileLayout } from '../file-layout.ts'
import { type FileStamp, stampOf } from '../file-stamp.ts'
import type { HashPool } from '../hash-pool.ts'
import { inParallel } from '../in-parallel.ts'
import { ParentFolders } from '../parent-folders.ts'
import { rightPieces } from '../right-pieces.ts'
import { writeAll } from '../write-all.ts'
import type { Candidate } from './files-below.ts'
import type { FoundBlocks, FoundRun } from './found-blocks.ts'
import type { ReusedPieces } from './reuse-pieces.ts'

/** What is to be joined, and where. */
export interface JoinRequest {
  readonly info: TorrentInfo
  readonly geometry: PieceGeometry
  readonly expected: ExpectedDigests
  /** Of the staging directory. */
  readonly layout: FileLayout
  /** The tree, or the single file, in it. */
  readonly content: string
  /** Pieces all blocks of which were found, in ascending order. */
  readonly pieces: readonly number[]
  readonly pool: HashPool
  /** Called with the bytes of each piece that was written. */
  readonly onJoined?: ((bytes: number) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

const FILES_AT_ONCE = 4
const SOURCES_OPEN = 16

/**
 * Puts pieces together in the staging directory from blocks that were found elsewhere, then hashes them: those that are right are kept, and
 * of the others `found` forgets what it knows. Throws DISK_FULL, DISK_FAILED, or the signal's reason.
 */
export async function joinPieces(request: JoinRequest, found: FoundBlocks): Promise<Omit<ReusedPieces, 'linked'>> {
  const { info, geometry, layout, content, pieces, onJoined, signal } = request
  const written: number[] = []
  const byFile = piecesByFile(geometry, pieces)
  const unread = new Set<number>()
  const parents = new ParentFolders(info, content)
  await inParallel([...byFile], FILES_AT_ONCE, async ([file, ofFile]) => {
    const path = layout.pathOf(file)
    try {
      await parents.ensure(file)
      await using to = await open(
        path,
        constants.O_WRONLY | constants.O_CREAT | constants.O_NOFOLLOW,
        madeMode(info.files[file]?.isExecutable),
      )
      written.push(file)
      await using sources = new Sources()
      for (const piece of ofFile) {
        signal?.throwIfAborted()
        const start = (piece - geometry.filePieces(file).first) * geometry.pieceLengthBytes
        for (const run of found.runsOf(piece)) if (!(await copyRun(sources, run, to, start))) unread.add(piece)
        onJoined?.(geometry.pieceBytes(piece))
      }
    } catch (error) {
      signal?.throwIfAborted()
      throw diskError(error, 'write', path)
    }
  })
  const right = await rightPieces({ ...request, pieces: pieces.filter((piece) => !unread.has(piece)) })
  for (const piece of pieces) if (!right.has(piece)) found.forget(piece)
  const stamps = new Map<number, FileStamp>()
  for (const file of written) stamps.set(file, stampOf(await lstat(layout.pathOf(file), { bigint: true })))
  return { pieces: right, stamps }
}

function piecesByFile(geometry: PieceGeometry, pieces: readonly number[]): Map<number, number[]> {
  const byFile = new Map<number, number[]>()
  for (const piece of pieces) {
    const file = geometry.fileOf(piece)
    const ofFile = byFile.get(file)
    if (ofFile === undefined) byFile.set(file, [piece])
    else ofFile.push(piece)
  }
  return byFile
}

/** False if the source ended early or cannot be read: it is not what it was when it was looked at. */
async function copyRun(
  sources: Sources,
  { source, position, pieceOffset, lengthBytes }: FoundRun,
  to: FileHandle,
  start: number,
): Promise<boolean> {
  const from = await sources.open(source)
  for (let doneBytes = 0; doneBytes < lengthBytes; ) {
    const wantedBytes = Math.min(sources.buffer.length, lengthBytes - doneBytes)
    const bytesRead = (await from?.read(sources.buffer, 0, wantedBytes, position + doneBytes).catch(() => undefined))?.bytesRead ?? 0
    if (bytesRead === 0) return false
    await writeAll(to, sources.buffer.subarray(0, bytesRead), start + pieceOffset + doneBytes)
    doneBytes += bytesRead
  }
  return true
}

/** The files from which one file is put together; rarely more than one. */
class Sources {
  readonly buffer: Buffer = Buffer.allocUnsafe(MiB)
  readonly #open = new Map<Candidate, FileHandle | undefined>()

  async open(source: Candidate): Promise<FileHandle | undefined> {
    if (this.#open.has(source)) return this.#open.get(source)
    if (this.#open.size >= SOURCES_OPEN) await this.#closeAll()
    const handle = await open(source.path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(() => undefined)
    this.#open.set(source, handle)
    return handle
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#closeAll()
  }

  async #closeAll(): Promise<void> {
    const handles = [...this.#open.values()]
    this.#open.clear()
    await Promise.all(handles.map((handle) => handle?.close()))
  }
}
