import type { Bitfield } from '../../base/bitfield.ts'
import { ContentLayout, type FileLayout, type StoredSpan } from '../file-layout.ts'
import { piecesOnDisk, type ResumeCheck } from '../resume-check.ts'
import { rightPieces } from '../right-pieces.ts'
import { type Candidate, findCandidates } from './find-candidates.ts'

/** What is looked for, and where. */
export interface ReuseSearch extends Omit<ResumeCheck, 'layout' | 'statePath' | 'random'> {
  /** Trees, folders with trees in them, or single files; absolute. The first are the best. */
  readonly roots: readonly string[]
  /** Pieces that are here already. */
  readonly verified: Bitfield
  /** Files that are here already, if only in part, by number. */
  readonly present: ReadonlySet<number>
}

/** What was found. */
export interface ReusablePieces {
  /** Their hashes are right. */
  readonly pieces: Bitfield
  /** What holds each file. */
  readonly candidates: ReadonlyMap<number, Candidate>
}

/**
 * Finds pieces of the torrent in files that are there for another reason, such as the release before: what lies at the same place is
 * hashed, and so is what seems to have been moved. Nothing is written.
 */
export async function findReusablePieces(search: ReuseSearch): Promise<ReusablePieces> {
  const { info, geometry, selection, roots, verified, present, signal } = search
  const files = selection.fileIndexes().filter((file) => !present.has(file))
  const candidates = await findCandidates({ info, files, roots, signal })
  const layout = new CandidateLayout(new ContentLayout(info, geometry, ''), candidates)
  const stamps = new Map([...candidates].map(([file, { stamp }]) => [file, stamp]))
  const offered = [...piecesOnDisk({ geometry, layout, selection }, stamps)]
  const pieces = await rightPieces({
    ...search,
    layout,
    pieces: offered.filter((piece) => selection.servable.has(piece) && !verified.has(piece)),
    stampOf: (file) => stamps.get(file),
  })
  return { pieces, candidates }
}

/** The layout of the tree, with each file where its candidate is. */
class CandidateLayout implements FileLayout {
  readonly #content: FileLayout
  readonly #candidates: ReadonlyMap<number, Candidate>

  constructor(content: FileLayout, candidates: ReadonlyMap<number, Candidate>) {
    this.#content = content
    this.#candidates = candidates
  }

  spans(piece: number, begin: number, lengthBytes: number): StoredSpan[] {
    return this.#content.spans(piece, begin, lengthBytes)
  }

  pathOf(file: number): string {
    return this.#candidates.get(file)?.path ?? this.#content.pathOf(file)
  }
}
