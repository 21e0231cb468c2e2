import type { DistroError } from '../../src/base/errors.ts'
import { systemClock } from '../../src/base/system-clock.ts'
import { systemRandom } from '../../src/base/system-random.ts'
import type { FetchStoreOptions } from '../../src/store/fetch-options.ts'
import { FetchStore } from '../../src/store/fetch-store.ts'
import type { CommitResult, PieceStore } from '../../src/swarm/piece-store.ts'
import { PieceGeometry } from '../../src/torrent/piece-geometry.ts'
import type { SampleTorrent } from './sample-torrent.ts'

/** Opens a fetch of `sample` into `outDir` with real time and chance. */
export function openFetch(sample: SampleTorrent, outDir: string, options: Partial<FetchStoreOptions> = {}): Promise<FetchStore> {
  const { info, infoHash } = sample
  return FetchStore.open({ info, infoHash, outDir, clock: systemClock, random: systemRandom, ...options })
}

/** Puts `bytes` into a free slot as the swarm would and commits them as `piece`; waits for a slot if need be. */
export async function commitPiece(store: PieceStore, piece: number, bytes: Uint8Array, wantDigests = false): Promise<CommitResult> {
  let slot = store.acquireSlot()
  while (slot === -1) {
    await new Promise((resolve) => setImmediate(resolve))
    slot = store.acquireSlot()
  }
  store.blockMemory.set(bytes, store.slotOffset(slot))
  return new Promise((resolve) => store.commit(slot, piece, wantDigests, resolve))
}

/** The bytes of `piece` of a sample. */
export function pieceBytesOf({ info, content }: SampleTorrent, piece: number): Uint8Array {
  const geometry = new PieceGeometry(info)
  const start = geometry.pieceOffset(piece)
  return content.subarray(start, start + geometry.pieceBytes(piece))
}

/** Commits `pieces`, all at once, and gives the results in the same order. */
export function commitPieces(store: PieceStore, sample: SampleTorrent, pieces: Iterable<number>): Promise<CommitResult[]> {
  return Promise.all([...pieces].map((piece) => commitPiece(store, piece, pieceBytesOf(sample, piece))))
}

/** Commits every wanted piece that is not verified yet. */
export function commitMissing(store: FetchStore, sample: SampleTorrent): Promise<CommitResult[]> {
  const missing = [...new Array(store.wanted.length).keys()].filter((piece) => store.wanted.has(piece) && !store.verified.has(piece))
  return commitPieces(store, sample, missing)
}

/** Reads `lengthBytes` of `piece` from `begin` on, in bodies of at most `bodyBytes`; gives the bytes or the error. */
export function readPiece(
  store: PieceStore,
  piece: number,
  begin: number,
  lengthBytes: number,
  bodyBytes = 16_384,
): Promise<Uint8Array | DistroError> {
  const bytes = new Uint8Array(lengthBytes)
  const bodies: Uint8Array[] = []
  for (let at = 0; at < lengthBytes; at += bodyBytes) bodies.push(bytes.subarray(at, Math.min(lengthBytes, at + bodyBytes)))
  return new Promise((resolve) => store.read(piece, begin, bodies, (error) => resolve(error ?? bytes)))
}
