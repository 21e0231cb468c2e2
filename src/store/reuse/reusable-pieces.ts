import type { Bitfield } from '../../base/bitfield.ts'
import type { FileStamp } from '../file-stamp.ts'
import { piecesOnDisk, type ResumeCheck } from '../resume-check.ts'
import { rightPieces } from '../right-pieces.ts'
import type { SidePiece } from '../side-pieces.ts'
import { type SourceFile, SourceLayout } from '../source-layout.ts'
import type { Candidate } from './files-below.ts'

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
  /** Pieces that were found right already, and where, which may be in one of the roots. */
  readonly known?: { readonly right: Bitfield; readonly layout: SourceLayout } | undefined
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
 * hashed, and so is what seems to have been moved. Nothing is written.
 */
export async function findReusablePieces(search: ReuseSearch): Promise<ReusablePieces> {
  const { info, geometry, selection, candidates, verified, present, sides, known } = search
  const staged = [...present].filter(([file]) => file < info.files.length)
  const sources = new Map<number, SourceFile>(candidates)
  for (const [file, stamp] of staged) sources.set(file, { path: search.layout.pathOf(file), stamp })
  const guessed = [...candidates].filter(([file, { path }]) => path !== known?.layout.pathOf(file)).map(([file]) => file)
  const layout = new SourceLayout(info, geometry, sources, sides, new Set(guessed))
  const isKnown = (piece: number): boolean =>
    known?.right.has(piece) === true && layout.hasSame(piece, geometry.pieceBytes(piece), known.layout)
  // What lies in the staging directory alone was looked at already.
  const isNew = (piece: number): boolean =>
    !verified.has(piece) &&
    layout.spans(piece, 0, geometry.pieceBytes(piece)).some(({ file }) => candidates.has(file) || layout.isSide(file))
  const offered = [...piecesOnDisk({ geometry, layout, selection }, layout.stamps)].filter(isNew)
  const pieces = await rightPieces({
    ...search,
    layout,
    pieces: offered.filter((piece) => !isKnown(piece)),
    stampOf: (file) => layout.stamps.get(file),
  })
  for (const piece of offered) if (isKnown(piece)) pieces.add(piece)
  return { pieces, candidates, layout }
}
