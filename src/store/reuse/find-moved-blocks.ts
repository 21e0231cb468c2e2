import { basename } from 'node:path'
import type { Bitfield } from '../../base/bitfield.ts'
import { MiB } from '../../base/units.ts'
import type { BlockSums } from '../../torrent/block-sums.ts'
import type { TorrentInfo } from '../../torrent/info.ts'
import type { PieceGeometry } from '../../torrent/piece-geometry.ts'
import type { ScanJob, ScanReply } from '../hash-jobs.ts'
import type { HashPool, LostReply } from '../hash-pool.ts'
import { inParallel } from '../in-parallel.ts'
import { type SoughtBlocks, WANTED } from './block-finder.ts'
import type { Candidate, FolderContents } from './files-below.ts'
import { FoundBlocks } from './found-blocks.ts'

/** What is looked for, and where. */
export interface BlockSearch {
  readonly info: TorrentInfo
  readonly geometry: PieceGeometry
  readonly blockSums: BlockSums
  /** Trees, folders with trees in them, or single files; absolute. */
  readonly roots: readonly string[]
  readonly contents: FolderContents
  /** What may hold each file, by number. */
  readonly candidates: ReadonlyMap<number, Candidate>
  /** Pieces that stand where they are wanted in the candidates: what lies in them is not looked at again. */
  readonly inPlace: Bitfield
  /** True for a piece that is wanted and was not found. */
  isMissing(piece: number): boolean
  /** True for a piece that an earlier run left: it may well stand in the candidates too, moved or not. */
  isLeft(piece: number): boolean
  readonly pool: HashPool
  readonly onProgress?: ((bytesDone: number, bytesTotal: number) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

/** A part of a file in which blocks may start. */
interface Region {
  readonly source: Candidate
  /** The file of the torrent that it is an earlier version of, by number; -1 if that is not known. */
  readonly file: number
  readonly start: number
  readonly end: number
}

/** Enough work that the messages do not count, little enough that all workers end together and the memory for it is small. */
const JOB_BYTES = 8 * MiB
/** No torrent of a sensible size has larger blocks, and a worker reads one beyond what it looks at. */
const LARGEST_BLOCK = 16 * MiB
/** So many times the length that a file has now is looked at of its earlier version, which may be a disk image where a note is wanted. */
const MOST_TIMES_LONGER = 4
/** As much is looked at in other files however little is missing: it takes a moment, and all of a small file is in it. */
const LEAST_ELSEWHERE = 16 * MiB

/**
 * Finds blocks of missing pieces by their sums in what else is there: first in the earlier versions of those files, as far as they are not
 * what they are wanted as; then in what other earlier versions have beyond that, and in other files, those with similar names first, of
 * which as much is looked at as is missing, or little more. Nothing is written, and what is found is not proven.
 */
export async function findMovedBlocks(search: BlockSearch): Promise<FoundBlocks> {
  const { info, geometry, blockSums, roots, contents, candidates, signal } = search
  const found = new FoundBlocks(info, geometry, blockSums.blockBytes)
  const isLookedAt = new Set([...candidates.keys()].filter((file) => geometry.somePiece(file, (piece) => search.isMissing(piece))))
  const isKnown = (piece: number): boolean => search.isLeft(piece) && isLookedAt.has(geometry.fileOf(piece))
  const wanted = found.sumsOf((piece) => search.isMissing(piece), isKnown)
  const missingBytes = (): number => wanted.reduce((sum, state) => sum + (state === WANTED ? 1 : 0), 0) * blockSums.blockBytes
  if (missingBytes() === 0 || blockSums.blockBytes > LARGEST_BLOCK) return found
  const sought = { ...blockSums, sums: inSharedMemory(blockSums.sums), wanted }
  const earlier = byPath(candidates).map((files) => ({ files, behind: files.filter(([file]) => isLookedAt.has(file)) }))
  const toLookAt = earlier.flatMap(({ behind }) => {
    const longest = Math.max(0, ...behind.map(([file]) => info.files[file]?.lengthBytes ?? 0))
    return upTo(MOST_TIMES_LONGER * longest, regionsOf(search, behind))
  })
  await scan(search, sought, found, toLookAt)
  const leftBytes = missingBytes()
  if (leftBytes === 0) return found
  const names = new Set<string>()
  for (const [sum, state] of wanted.entries()) if (state === WANTED) names.add(info.files[found.fileOf(sum)]?.path.at(-1) ?? '')
  const known = new Set([...candidates.values()].map(({ path }) => path))
  const others = new Map<string, Candidate>()
  for (const root of roots) for (const file of await contents.below(root, signal)) if (!known.has(file.path)) others.set(file.path, file)
  const rest = earlier.filter(({ behind }) => behind.length === 0).flatMap(({ files }) => regionsOf(search, files))
  const elsewhere = [...rest, ...byLikeness([...others.values()], names).map(allOf)]
  await scan(search, sought, found, upTo(Math.max(leftBytes, LEAST_ELSEWHERE), elsewhere))
  return found
}

function allOf(source: Candidate): Region {
  return { source, file: -1, start: 0, end: source.stamp.lengthBytes }
}

/** The first `bytes` of `regions`. */
function upTo(bytes: number, regions: readonly Region[]): readonly Region[] {
  const first: Region[] = []
  let leftBytes = bytes
  for (const region of regions) {
    if (leftBytes <= 0) break
    const end = Math.min(region.end, region.start + leftBytes)
    first.push({ ...region, end })
    leftBytes -= end - region.start
  }
  return first
}

/** A file of the torrent, by number, and what may hold it. */
type FoundFile = readonly [file: number, candidate: Candidate]

/** Files of which one may be in the same file as others are put together. */
function byPath(candidates: ReadonlyMap<number, Candidate>): readonly (readonly FoundFile[])[] {
  const groups = new Map<string, FoundFile[]>()
  for (const found of candidates) {
    const { path } = found[1]
    const group = groups.get(path)
    if (group === undefined) groups.set(path, [found])
    else group.push(found)
  }
  return [...groups.values()]
}

/** What of a candidate does not stand where one of `files`, which may all be in it, wants it: each byte once. */
function regionsOf(search: BlockSearch, files: readonly FoundFile[]): readonly Region[] {
  const regions: Region[] = []
  const all = files.flatMap(([file, candidate]) => regionsOfFile(search, file, candidate))
  if (files.length > 1) all.sort((left, right) => left.start - right.start)
  for (const region of all) {
    const last = regions.at(-1)
    if (last === undefined || region.start > last.end) regions.push(region)
    else if (region.end > last.end) regions[regions.length - 1] = { ...last, end: region.end }
  }
  return regions
}

/** What of a candidate does not stand where it is wanted, and a block more at both ends, in steps of blocks. */
function regionsOfFile({ info, geometry, blockSums, inPlace }: BlockSearch, file: number, source: Candidate): readonly Region[] {
  const { blockBytes } = blockSums
  const { first, end } = geometry.filePieces(file)
  const lengthBytes = info.files[file]?.lengthBytes ?? 0
  const regions: Region[] = []
  const add = (from: number, to: number): void => {
    const start = Math.max(0, Math.floor(from / blockBytes) * blockBytes - blockBytes)
    const stop = Math.min(source.stamp.lengthBytes, to)
    if (from >= to || start >= stop) return
    const last = regions.at(-1)
    if (last !== undefined && start <= last.end) regions[regions.length - 1] = { ...last, end: stop }
    else regions.push({ source, file, start, end: stop })
  }
  for (let piece = first; piece < end; piece++) {
    const start = (piece - first) * geometry.pieceLengthBytes
    if (!inPlace.has(piece)) add(start, start + geometry.pieceLengthBytes)
  }
  add(lengthBytes, source.stamp.lengthBytes)
  return regions
}

async function scan(search: BlockSearch, sought: SoughtBlocks, found: FoundBlocks, regions: readonly Region[]): Promise<void> {
  const { pool, signal, onProgress } = search
  const number = ++searches
  const jobs = regions.flatMap((region) => cutIntoJobs(region, sought, found, number))
  const bytesTotal = jobs.reduce((sum, { job }) => sum + job.startBytes, 0)
  let bytesDone = 0
  const sources = new Map<Candidate, number>()
  await inParallel(jobs, pool.size * 2, async ({ source, job }) => {
    signal?.throwIfAborted()
    const reply = await new Promise<ScanReply | LostReply>((resolve) => pool.scan(job, resolve))
    if (reply.kind === 'lost') throw reply.error
    const place = sources.get(source) ?? found.addSource(source)
    sources.set(source, place)
    reply.sums.forEach((sum, index) => {
      found.note(sum, place, job.span.position + (reply.positions[index] as number))
    })
    bytesDone += job.startBytes
    onProgress?.(bytesDone, bytesTotal)
  })
}

/** Tells searches apart. */
let searches = 0

function cutIntoJobs(
  { source, file, start, end }: Region,
  sought: SoughtBlocks,
  found: FoundBlocks,
  search: number,
): readonly { readonly source: Candidate; readonly job: ScanJob }[] {
  const { path, stamp } = source
  const stepBytes = Math.max(JOB_BYTES, sought.blockBytes)
  const jobs: { source: Candidate; job: ScanJob }[] = []
  for (let position = start; position < end; position += stepBytes) {
    const startBytes = Math.min(stepBytes, end - position)
    const lengthBytes = Math.min(startBytes + sought.blockBytes - 1, stamp.lengthBytes - position)
    const expected = file < 0 ? -1 : found.sumAt(file, position)
    if (lengthBytes < sought.blockBytes) continue
    jobs.push({ source, job: { kind: 'scan', search, sought, span: { path, position, lengthBytes, stamp }, startBytes, expected } })
  }
  return jobs
}

function inSharedMemory(bytes: Uint8Array): Uint8Array {
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.length))
  shared.set(bytes)
  return shared
}

/** Files called as one of `names` but for digits come first, because versions are written in them; then those with the ending of one. */
function byLikeness(files: readonly Candidate[], names: ReadonlySet<string>): readonly Candidate[] {
  const likes = new Set([...names].map(withoutDigits))
  const endings = new Set([...names].map(endingOf))
  const distanceOf = ({ path }: Candidate): number => {
    const name = basename(path)
    return likes.has(withoutDigits(name)) ? 0 : endings.has(endingOf(name)) ? 1 : 2
  }
  return files
    .map((file) => ({ file, distance: distanceOf(file) }))
    .sort((left, right) => left.distance - right.distance)
    .map(({ file }) => file)
}

function withoutDigits(name: string): string {
  return name.replace(/\d+/g, '0')
}

function endingOf(name: string): string {
  return /\.[^.]*$/.exec(name)?.[0] ?? ''
}
