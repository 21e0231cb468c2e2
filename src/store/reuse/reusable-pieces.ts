import { Bitfield } from '../../base/bitfield.ts'
import { PADDING } from '../file-layout.ts'
import type { FileStamp } from '../file-stamp.ts'
import { piecesOnDisk, type ResumeCheck } from '../resume-check.ts'
import { rightPieces } from '../right-pieces.ts'
import type { SidePiece } from '../side-pieces.ts'
import { type SourceFile, SourceLayout } from '../source-layout.ts'
import type { HashedTarget } from '../target-check.ts'
import type { Candidate } from './files-below.ts'
import { groupTwins } from './twin-pieces.ts'

/** What is looked for, and where. */
export interface ReuseSearch extends Omit<ResumeCheck, 'statePath' | 'random'> {
  /** What may hold each file that is not here, by number. */
  readonly candidates: ReadonlyMap<number, Candidate>
  /** Pieces that are here already. */
  readonly verified: Bitfield
  /** Files that are here already, if only in part, by number. */
  readonly present: ReadonlyMap<number, FileStamp>
  /** What is kept of pieces that files share. */
  readonly sides: ReadonlyMap<number, SidePiece>
  /** What was hashed of the target, which may be one of the roots. */
  readonly hashed?: HashedTarget | undefined
}

/** What was found. */
export interface ReusablePieces {
  /** Their hashes are right. */
  readonly pieces: Bitfield
  /** What holds each file. */
  readonly candidates: ReadonlyMap<number, Candidate>
  /** Where the bytes of the pieces are. */
  readonly layout: SourceLayout
}

/**
 * Finds pieces of the torrent in files that are there for another reason, such as the release before: what lies at the same place is
 * hashed, and so is what seems to have been moved. No byte is hashed again that was hashed for the same piece, or for one that is made of the
 * same bytes. Nothing is written.
 */
export async function findReusablePieces(search: ReuseSearch): Promise<ReusablePieces> {
  const { info, geometry, selection, expected, candidates, verified, present, sides, hashed } = search
  const staged = [...present].filter(([file]) => file < info.files.length)
  const sources = new Map<number, SourceFile>(candidates)
  for (const [file, stamp] of staged) sources.set(file, { path: search.layout.pathOf(file), stamp })
  const isInPlace = (file: number, path: string): boolean => hashed?.isRight === true && path === hashed.layout.pathOf(file)
  const guessed = new Set([...candidates].filter(([file, { path }]) => !isInPlace(file, path)).map(([file]) => file))
  const layout = new SourceLayout(info, geometry, sources, sides, guessed)
  // What lies in the staging directory alone was looked at already.
  const isNew = (piece: number): boolean =>
    !verified.has(piece) &&
    layout.spans(piece, 0, geometry.pieceBytes(piece)).some(({ file }) => candidates.has(file) || layout.isSide(file))
  const offered = [...piecesOnDisk({ geometry, layout, selection }, layout.stamps)].filter(isNew)
  const isHashed = (piece: number): boolean =>
    hashed?.pieces.has(piece) === true && layout.hasSame(piece, geometry.pieceBytes(piece), hashed.layout)
  const isVain = vainGuesses(search, layout, guessed)
  const known = new Bitfield(geometry.pieceCount)
  const pieces: number[] = []
  const twins = new Map<number, readonly number[]>()
  for (const group of groupTwins({ geometry, layout, expected, pieces: offered })) {
    const proven = group.find((piece) => hashed?.right.has(piece) === true && isHashed(piece))
    if (proven !== undefined) {
      for (const piece of group) if (expected.isSame(piece, proven)) known.add(piece)
      continue
    }
    const [first, ...others] = group.filter((piece) => !isHashed(piece) && !isVain(piece))
    if (first === undefined) continue
    pieces.push(first)
    if (others.length > 0) twins.set(first, others)
  }
  // One that was hashed already may have led its group.
  pieces.sort((left, right) => left - right)
  const right = await rightPieces({ ...search, layout, pieces, twins, stampOf: (file) => layout.stamps.get(file) })
  for (const piece of known.members()) right.add(piece)
  return { pieces: right, candidates, layout }
}

/**
 * A test for pieces that lie within a file of the target which is proven to be another one of the torrent: they are not hashed. Where they
 * are made of the same bytes as pieces of that file they are known; where they are not, in v1, this would be a look at all of the file for each
 * that is missing, to find what is in the torrent twice.
 */
function vainGuesses({ geometry, hashed }: ReuseSearch, layout: SourceLayout, guessed: ReadonlySet<number>): (piece: number) => boolean {
  if (hashed?.isRight !== true || guessed.size === 0) return () => false
  const proven = new Set([...hashed.layout.stamps.keys()].map((file) => hashed.layout.pathOf(file)))
  const isVain = new Set([...guessed].filter((file) => proven.has(layout.pathOf(file))))
  return (piece) => {
    const [span, another] = layout.spans(piece, 0, geometry.pieceBytes(piece)).filter(({ file }) => file !== PADDING)
    return span !== undefined && another === undefined && isVain.has(span.file)
  }
}
