import type { PieceGeometry } from '../torrent/piece-geometry.ts'
import type { WebSeedContent } from './content.ts'
import type { ContentRange } from './web-seed.ts'

/** Zeros that are made here and asked for nowhere. */
export interface PaddingStep {
  readonly kind: 'padding'
  readonly lengthBytes: number
}

/** A part of one file. */
export interface FileStep {
  readonly kind: 'file'
  readonly fileIndex: number
  /** Where the part starts in the file. */
  readonly fileOffsetBytes: number
  readonly lengthBytes: number
}

/** A part of one piece. */
export interface PieceStep {
  readonly kind: 'piece'
  readonly piece: number
  /** Where the part starts in the piece. */
  readonly pieceOffsetBytes: number
  readonly lengthBytes: number
}

/** A range as parts of files and the padding between them, in order. */
export function fileSteps(content: WebSeedContent, geometry: PieceGeometry, range: ContentRange): (FileStep | PaddingStep)[] {
  const steps: (FileStep | PaddingStep)[] = []
  let at = range.begin
  for (const { fileIndex, kind, fileOffsetBytes, lengthBytes } of geometry.fileSpans(range.begin, range.lengthBytes)) {
    const start = (content.info.files[fileIndex]?.offsetBytes ?? 0) + fileOffsetBytes
    // Bytes that belong to no file are zeros too (BEP 52).
    if (start > at) steps.push({ kind: 'padding', lengthBytes: start - at })
    if (kind === 'padding') steps.push({ kind, lengthBytes })
    else steps.push({ kind: 'file', fileIndex, fileOffsetBytes, lengthBytes })
    at = start + lengthBytes
  }
  const rest = range.begin + range.lengthBytes - at
  if (rest > 0) steps.push({ kind: 'padding', lengthBytes: rest })
  return steps
}

/** A range as parts of pieces and the padding between them, in order. */
export function pieceSteps(content: WebSeedContent, geometry: PieceGeometry, range: ContentRange): (PieceStep | PaddingStep)[] {
  const steps: (PieceStep | PaddingStep)[] = []
  let at = range.begin
  for (const { kind, lengthBytes } of fileSteps(content, geometry, range)) {
    const end = at + lengthBytes
    if (kind === 'padding') steps.push({ kind, lengthBytes })
    else appendPieces(steps, geometry, at, end)
    at = end
  }
  return steps
}

function appendPieces(steps: (PieceStep | PaddingStep)[], geometry: PieceGeometry, begin: number, end: number): void {
  let at = begin
  while (at < end) {
    const piece = geometry.pieceAt(at)
    const pieceOffsetBytes = at - geometry.pieceOffset(piece)
    const lengthBytes = Math.min(end, geometry.pieceOffset(piece + 1)) - at
    const last = steps[steps.length - 1]
    // The next file in the same piece comes with the same request.
    if (last?.kind === 'piece' && last.piece === piece && last.pieceOffsetBytes + last.lengthBytes === pieceOffsetBytes) {
      steps[steps.length - 1] = { ...last, lengthBytes: last.lengthBytes + lengthBytes }
    } else steps.push({ kind: 'piece', piece, pieceOffsetBytes, lengthBytes })
    at += lengthBytes
  }
}
