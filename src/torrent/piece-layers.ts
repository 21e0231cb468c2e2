import { equalBytes, toHex } from '../base/bytes.ts'
import { BLOCK_BYTES } from '../base/units.ts'
import type { BencodeView } from './bencode-view.ts'
import type { V2File, V2Info } from './info.ts'
import { MERKLE_HASH_BYTES, merkleRoot } from './merkle-tree.ts'
import { quoteName } from './quote-name.ts'
import { rootKey } from './root-key.ts'
import { invalidTorrent } from './torrent-fields.ts'

/**
 * Reads the `piece layers` of a .torrent file (BEP 52): each belongs to a file of more than one piece, has a hash for each of its
 * pieces, and leads to the root that the file tree says. `missing` counts the roots of files of more than one piece that have none; they
 * can be asked of peers. Throws TORRENT_INVALID.
 */
export function readPieceLayers(layers: BencodeView | undefined, v2: V2Info): PieceLayers {
  const byRoot = new Map<string, Uint8Array>()
  const unseen = filesByRoot(v2)
  const level = Math.log2(v2.pieceLengthBytes / BLOCK_BYTES)
  // One entry more than there may be is enough to find one that belongs to no file.
  const entries = layers?.entries(unseen.size + 1)
  if (layers !== undefined && entries === undefined) throw invalidTorrent(`piece layers is ${layers.kind}, not a dictionary`)
  for (const [key, view] of entries ?? []) {
    const root = Buffer.from(key, 'latin1')
    const where = `piece layers[${toHex(root.subarray(0, MERKLE_HASH_BYTES))}]`
    const file = unseen.get(key)
    if (file === undefined) throw invalidTorrent(`${where} belongs to no file of more than one piece`)
    unseen.delete(key)
    const layer = view.string()
    if (layer === undefined) throw invalidTorrent(`${where} is ${view.kind}, not a string`)
    const expectedBytes = Math.ceil(file.lengthBytes / v2.pieceLengthBytes) * MERKLE_HASH_BYTES
    if (layer.length !== expectedBytes) throw invalidTorrent(`${where} has ${layer.length} bytes, where its file takes ${expectedBytes}`)
    if (!equalBytes(merkleRoot(layer, level), root)) throw invalidTorrent(`${where} does not lead to its root`)
    byRoot.set(key, layer)
  }
  return { byRoot, missing: unseen.size }
}

/** The piece layers of a torrent; keys are roots in latin-1. */
export interface PieceLayers {
  readonly byRoot: ReadonlyMap<string, Uint8Array>
  readonly missing: number
}

/** The files that have a piece layer, by root in latin-1; of files with the same content one. */
function filesByRoot({ files, pieceLengthBytes }: V2Info): Map<string, V2File> {
  const byRoot = new Map<string, V2File>()
  const lengths = new Map<string, number>()
  for (const file of files) {
    if (file.piecesRoot === undefined) continue
    const key = rootKey(file.piecesRoot)
    const known = lengths.get(key)
    if (known !== undefined && known !== file.lengthBytes) {
      throw invalidTorrent(`info.file tree gives ${quoteName(file.path.join('/'))} the root of another file, and another length`)
    }
    lengths.set(key, file.lengthBytes)
    if (file.lengthBytes > pieceLengthBytes) byRoot.set(key, file)
  }
  return byRoot
}
