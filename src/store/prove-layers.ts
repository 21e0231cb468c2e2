import { equalBytes } from '../base/bytes.ts'
import { BLOCK_BYTES } from '../base/units.ts'
import type { Metainfo, V2File, V2Info } from '../torrent/info.ts'
import { MERKLE_HASH_BYTES, merkleRoot } from '../torrent/merkle-tree.ts'
import { PieceGeometry } from '../torrent/piece-geometry.ts'
import { rootKey } from '../torrent/root-key.ts'
import { contentStamps } from './content-stamps.ts'
import { digestPieces } from './digest-pieces.ts'
import { ContentLayout } from './file-layout.ts'
import type { HashPool } from './hash-pool.ts'

export interface LayerSearch {
  readonly metainfo: Pick<Metainfo, 'info' | 'v2' | 'pieceLayers'>
  /** The tree, or the only file, that should hold the content. */
  readonly root: string
  readonly pool: HashPool
  readonly signal?: AbortSignal | undefined
}

/**
 * The piece layers of a torrent of v2 only (BEP 52), those that it lacks made from content on disk: a file whose hashes lead to its root is
 * right, and so are they. Nothing is read where none is missing, or where SHA-1 digests serve as well.
 */
export async function proveLayers({ metainfo, root, pool, signal }: LayerSearch): Promise<ReadonlyMap<string, Uint8Array>> {
  const { info, v2, pieceLayers } = metainfo
  const files = v2 === undefined || info.pieceHashes !== undefined ? [] : filesWithoutLayer(v2.info, pieceLayers)
  if (files.length === 0) return pieceLayers
  const geometry = new PieceGeometry(info)
  const stamps = await contentStamps(info, root, pool)
  const hashes = new Map<number, Uint8Array>()
  await digestPieces({
    geometry,
    layout: new ContentLayout(info, geometry, root),
    pieces: files.flatMap((file) => piecesOf(file, info.pieceLengthBytes)),
    byFile: { digests: 'merkle' },
    stampOf: (file) => stamps[file],
    pool,
    signal,
    onDigests({ pieces, digests }): void {
      pieces.forEach((piece, place) => {
        hashes.set(piece, digests.subarray(place * MERKLE_HASH_BYTES, (place + 1) * MERKLE_HASH_BYTES))
      })
    },
  })
  const proven = new Map(pieceLayers)
  for (const file of files) {
    const layer = Buffer.concat(piecesOf(file, info.pieceLengthBytes).map((piece) => hashes.get(piece) ?? new Uint8Array()))
    const top = merkleRoot(layer, Math.log2(info.pieceLengthBytes / BLOCK_BYTES))
    if (file.piecesRoot !== undefined && equalBytes(top, file.piecesRoot)) proven.set(rootKey(file.piecesRoot), new Uint8Array(layer))
  }
  return proven
}

function filesWithoutLayer({ files, pieceLengthBytes }: V2Info, layers: Metainfo['pieceLayers']): readonly V2File[] {
  return files.filter(
    ({ lengthBytes, piecesRoot }) => piecesRoot !== undefined && lengthBytes > pieceLengthBytes && !layers.has(rootKey(piecesRoot)),
  )
}

function piecesOf({ offsetBytes, lengthBytes }: V2File, pieceLengthBytes: number): number[] {
  const first = offsetBytes / pieceLengthBytes
  return Array.from({ length: Math.ceil(lengthBytes / pieceLengthBytes) }, (_, index) => first + index)
}
