import type { ScanJob, ScanReply } from '../hash-jobs.ts'
import { readSpan } from '../read-span.ts'
import { BlockFinder } from './block-finder.ts'

/** Does a `ScanJob`: blocks its thread while it reads and looks, so it runs in a worker. */
export function scanFile({ search, sought, span, startBytes, expected }: ScanJob): ScanReply {
  const bytes = roomFor(span.lengthBytes)
  let filled = 0
  const fault = readSpan(span, (run) => {
    bytes.set(run, filled)
    filled += run.length
  })
  const sums: number[] = []
  const positions: number[] = []
  if (fault === undefined) {
    finderOf(search, () => new BlockFinder(sought)).find(bytes, startBytes, expected, (sum, position) => {
      sums.push(sum)
      positions.push(position)
    })
  }
  return { kind: 'scanned', sums: Uint32Array.from(sums), positions: Uint32Array.from(positions) }
}

/** What the last job used is kept for the next. */
let room = new Uint8Array(0)
let prepared: { readonly search: number; readonly finder: BlockFinder } | undefined

function roomFor(lengthBytes: number): Uint8Array {
  if (room.length < lengthBytes) room = new Uint8Array(lengthBytes)
  return room.subarray(0, lengthBytes)
}

function finderOf(search: number, make: () => BlockFinder): BlockFinder {
  if (prepared?.search !== search) prepared = { search, finder: make() }
  return prepared.finder
}
