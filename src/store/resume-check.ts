import { readdir, readFile } from 'node:fs/promises'
import { Bitfield } from '../base/bitfield.ts'
import type { Random } from '../base/random.ts'
import { MiB } from '../base/units.ts'
import type { TorrentInfo } from '../torrent/info.ts'
import type { PieceGeometry } from '../torrent/piece-geometry.ts'
import { systemCode } from './disk-error.ts'
import type { ExpectedDigests } from './expected-digests.ts'
import { type FileLayout, PADDING } from './file-layout.ts'
import { type FileStamp, isSameStamp } from './file-stamp.ts'
import type { HashPool } from './hash-pool.ts'
import { lookAt } from './look-at.ts'
import { decodeResumeState, type ResumeState } from './resume-state.ts'
import { piecesIn, rightPieces } from './right-pieces.ts'
import type { Selection } from './selection.ts'
import type { StagedLayout } from './staged-layout.ts'

export interface ResumeCheck {
  readonly info: TorrentInfo
  readonly infoHash: Uint8Array
  readonly expected: ExpectedDigests
  readonly geometry: PieceGeometry
  readonly selection: Selection
  readonly layout: StagedLayout
  readonly statePath: string
  readonly pool: HashPool
  readonly random: Random
  readonly onProgress?: ((bytesDone: number, bytesTotal: number) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

/** What an earlier run left: pieces that may be relied on, and the state of the files that hold them. */
export interface ResumedPieces {
  readonly verified: Bitfield
  readonly stamps: ReadonlyMap<number, FileStamp>
  /** Whether the state file was believed, everything was hashed again, or there was nothing to begin with. */
  readonly how: 'believed' | 'checked' | 'nothing'
}

/** Files and random pieces in the sample, and its size at most; one piece is always looked at. */
const SAMPLE_FILES = 64
const SAMPLE_RANDOM = 16
const SAMPLE_BYTES = 128 * MiB

/**
 * Finds out which pieces in a staging directory are good. The state file is believed only if it is intact, belongs to this
 * torrent, every file it names is exactly as it was, and a sample of the pieces it claims has the right hash. Any doubt means
 * that everything on disk is hashed, which also finds pieces that were finished after the last save.
 */
export async function checkStaged(check: ResumeCheck): Promise<ResumedPieces> {
  const stamps = await stampsOnDisk(check)
  if (stamps.size === 0) return { verified: new Bitfield(check.geometry.pieceCount), stamps, how: 'nothing' }
  const state = await readState(check)
  if (state !== undefined && isUntouched(state, stamps) && (await passesSample(check, state))) {
    // With another selection bytes may belong elsewhere than where they were written.
    const onDisk = new Set(piecesOnDisk(check, stamps))
    for (const piece of piecesIn(state.verified)) if (!onDisk.has(piece)) state.verified.delete(piece)
    return { verified: state.verified, stamps, how: 'believed' }
  }
  const verified = await rightPieces({ ...check, pieces: [...piecesOnDisk(check, stamps)] })
  return { verified, stamps, how: 'checked' }
}

async function readState(check: ResumeCheck): Promise<ResumeState | undefined> {
  const bytes = await readFile(check.statePath).catch(() => undefined)
  if (bytes === undefined) return undefined
  const state = decodeResumeState(bytes, check.infoHash, check.geometry.pieceCount)
  return state.ok ? state.value : undefined
}

/** Every file is as the state says, and there is none that the state does not know. */
function isUntouched(state: ResumeState, onDisk: ReadonlyMap<number, FileStamp>): boolean {
  if (state.stamps.size !== onDisk.size) return false
  for (const [file, stamp] of onDisk) {
    const noted = state.stamps.get(file)
    if (noted === undefined || !isSameStamp(noted, stamp)) return false
  }
  return true
}

async function passesSample(check: ResumeCheck, state: ResumeState): Promise<boolean> {
  const sample = chooseSample(check, state.verified)
  const right = await rightPieces({ ...check, pieces: sample, onProgress: undefined })
  return right.count === sample.length
}

/** One claimed piece of each file, up to a bound, and some more at random, in ascending order. */
function chooseSample({ geometry, random, selection }: ResumeCheck, claimed: Bitfield): number[] {
  const sample = new Set<number>()
  let bytes = 0
  const take = (piece: number): void => {
    if (sample.has(piece) || !claimed.has(piece) || !selection.wanted.has(piece) || (sample.size > 0 && bytes >= SAMPLE_BYTES)) return
    sample.add(piece)
    bytes += geometry.pieceBytes(piece)
  }
  const all = piecesIn(claimed)
  if (all.length === 0) return []
  for (let count = 0; count < SAMPLE_RANDOM; count++) take(all[random.below(all.length)] as number)
  const files = selection.fileIndexes()
  for (let count = 0; count < SAMPLE_FILES && files.length > 0; count++) {
    const file = files.length <= SAMPLE_FILES ? files[count] : files[random.below(files.length)]
    if (file === undefined) break
    const { first, end } = geometry.filePieces(file)
    const claimedHere = all.filter((piece) => piece >= first && piece < end)
    if (claimedHere.length > 0) take(claimedHere[random.below(claimedHere.length)] as number)
  }
  return [...sample].sort((left, right) => left - right)
}

/** Wanted pieces all of whose bytes are within files that exist, of which `stamps` tells by number. */
export function* piecesOnDisk(
  { geometry, layout, selection }: Pick<ResumeCheck, 'geometry' | 'selection'> & { readonly layout: FileLayout },
  stamps: ReadonlyMap<number, FileStamp>,
): Generator<number> {
  for (let piece = 0; piece < geometry.pieceCount; piece++) {
    if (!selection.wanted.has(piece)) continue
    const spans = layout.spans(piece, 0, geometry.pieceBytes(piece))
    const isThere = spans.every(
      (span) => span.file === PADDING || (stamps.get(span.file)?.lengthBytes ?? -1) >= span.position + span.lengthBytes,
    )
    if (isThere) yield piece
  }
}

async function stampsOnDisk({ layout, pool, signal }: ResumeCheck): Promise<Map<number, FileStamp>> {
  const stamps = new Map<number, FileStamp>()
  if ((await Promise.all(layout.roots.map(isBare))).every((isNothing) => isNothing)) return stamps
  const files = layout.files()
  const looks = await lookAt(
    files.map((file) => layout.pathOf(file)),
    { pool, signal },
  )
  for (const [index, file] of files.entries()) {
    const look = looks.at(index)
    if (look?.isFile === true) stamps.set(file, look.stamp)
  }
  return stamps
}

/** True if nothing is at `path`, or a folder in which nothing is, as wherever a fetch begins. */
async function isBare(path: string): Promise<boolean> {
  return readdir(path).then(
    (names) => names.length === 0,
    (error: unknown) => systemCode(error) === 'ENOENT',
  )
}
