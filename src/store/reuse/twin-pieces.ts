import type { PieceGeometry } from '../../torrent/piece-geometry.ts'
import type { ExpectedDigests } from '../expected-digests.ts'
import { PADDING } from '../file-layout.ts'
import { isSameStamp } from '../file-stamp.ts'
import type { SourceLayout } from '../source-layout.ts'

/** Pieces, and where their bytes are. */
export interface TwinSearch {
  readonly geometry: PieceGeometry
  readonly layout: SourceLayout
  readonly expected: ExpectedDigests
  /** In ascending order. */
  readonly pieces: readonly number[]
}

/**
 * Puts pieces together that are made of the same bytes on the disk, because one file may be what several files of the torrent are looked for in:
 * what is read once tells of all of them. In v1 files share pieces, and those of two files are made of the same bytes only where both files
 * start at the same place in a piece. The groups, and the pieces of each, are in ascending order.
 */
export function groupTwins({ geometry, layout, expected, pieces }: TwinSearch): readonly (readonly number[])[] {
  const leaders = leadersOf(layout)
  if (leaders.size === 0) return pieces.map((piece) => [piece])
  const zerosBehind = expected.onDisk?.zerosBehind
  const groups: number[][] = []
  const byKey = new Map<string, number[]>()
  for (const piece of pieces) {
    const spans = layout.spans(piece, 0, geometry.pieceBytes(piece))
    if (!spans.every(({ file }) => file === PADDING || leaders.has(file))) {
      groups.push([piece])
      continue
    }
    const parts = spans.map(({ file, position, lengthBytes }) => `${leaders.get(file) ?? PADDING} ${position} ${lengthBytes}`)
    const key = `${parts.join()} ${zerosBehind?.(piece) ?? 0}`
    const twins = byKey.get(key)
    if (twins !== undefined) {
      twins.push(piece)
      continue
    }
    const group = [piece]
    groups.push(group)
    byKey.set(key, group)
  }
  return groups
}

/** For each file of the layout that lies where others do, by number, the first of these, if it was seen there in the same state. */
function leadersOf(layout: SourceLayout): ReadonlyMap<number, number> {
  const firsts = new Map<string, number>()
  const leaders = new Map<number, number>()
  for (const file of layout.stamps.keys()) {
    const path = layout.pathOf(file)
    const first = firsts.get(path)
    if (first === undefined) firsts.set(path, file)
    else if (isSameFile(layout, first, file)) leaders.set(first, first).set(file, first)
  }
  return leaders
}

function isSameFile({ stamps }: SourceLayout, file: number, other: number): boolean {
  const [one, two] = [stamps.get(file), stamps.get(other)]
  return one !== undefined && two !== undefined && isSameStamp(one, two)
}
