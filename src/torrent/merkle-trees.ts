import { equalBytes } from '../base/bytes.ts'
import { BLOCK_BYTES } from '../base/units.ts'
import { type HashRequest, MOST_ASKED_HASHES, MOST_HASHES, uncleCount } from './hash-request.ts'
import type { V2File, V2Info } from './info.ts'
import { MERKLE_HASH_BYTES, padHash, raiseLayer } from './merkle-tree.ts'
import { rootKey } from './root-key.ts'

/** A piece layer is asked for in stretches of so many hashes, the most that should be asked for at once (BEP 52). */
const STRETCH_HASHES = 512

/** What is known of the tree of one file; of files with the same content there is one. */
interface FileTree {
  readonly root: Uint8Array
  /** How far above the leaves the root lies. */
  readonly height: number
  readonly pieceCount: number
  /** The piece of the torrent with which the first file of this content begins. */
  readonly firstPiece: number
  /** How far above the leaves `layer` lies: that of the piece layer, or of the root where all is one piece. */
  readonly layerLevel: number
  /** A hash for each piece; undefined until the first of them is known. */
  layer: Uint8Array | undefined
  /** Stretches of the layer that are not known, by number. */
  readonly missing: Set<number>
  /** The layer and every layer above it, up to the root; made when somebody asks. */
  upper: readonly Uint8Array[] | undefined
}

type FileWithContent = Pick<V2File, 'lengthBytes' | 'offsetBytes'> & { readonly piecesRoot: Uint8Array }

/**
 * The merkle trees of all files of a torrent (BEP 52), from their roots down to the pieces: those that a .torrent file holds, and those
 * that peers prove. Leaves are not kept: whoever asks for them reads the piece.
 */
export class MerkleTrees {
  /** How far the piece layer lies above the leaves. */
  readonly pieceLevel: number
  readonly #pieceLengthBytes: number
  /** One for each file with content, in torrent order, and the piece that each begins with. */
  readonly #trees: FileTree[] = []
  readonly #firstPieces: number[] = []
  readonly #byRoot = new Map<string, FileTree>()
  #incomplete = 0

  /** `layers` are checked piece layers, by their root in latin-1. */
  constructor({ files, pieceLengthBytes }: Pick<V2Info, 'files' | 'pieceLengthBytes'>, layers: ReadonlyMap<string, Uint8Array>) {
    this.#pieceLengthBytes = pieceLengthBytes
    this.pieceLevel = Math.log2(pieceLengthBytes / BLOCK_BYTES)
    for (const { lengthBytes, offsetBytes, piecesRoot } of files) {
      if (piecesRoot === undefined) continue
      const key = rootKey(piecesRoot)
      const tree = this.#byRoot.get(key) ?? this.#treeOf({ piecesRoot, lengthBytes, offsetBytes }, layers.get(key))
      if (!this.#byRoot.has(key) && tree.missing.size > 0) this.#incomplete++
      this.#byRoot.set(key, tree)
      this.#trees.push(tree)
      this.#firstPieces.push(offsetBytes / pieceLengthBytes)
    }
  }

  /** True when the hash of every piece is known. */
  get isComplete(): boolean {
    return this.#incomplete === 0
  }

  /**
   * The root over the leaves of `piece` itself, 32 bytes: an entry of the piece layer, or for a file of at most one piece its root.
   * Undefined while it is not known.
   */
  hashOf(piece: number): Uint8Array | undefined {
    const place = this.#placeOf(piece)
    const tree = this.#trees[place]
    if (tree?.layer === undefined) return undefined
    const index = piece - (this.#firstPieces[place] as number)
    if (index >= tree.pieceCount || tree.missing.has(Math.floor(index / STRETCH_HASHES))) return undefined
    return hashAt(tree.layer, index)
  }

  /** How many leaves lie below `hashOf(piece)`, zero leaves included: a power of two. */
  leafCountOf(piece: number): number {
    return 2 ** (this.#trees[this.#placeOf(piece)]?.layerLevel ?? 0)
  }

  /** What is to be asked of peers, so that the hash of every piece is known. */
  *missing(): Iterable<HashRequest> {
    for (const tree of this.#byRoot.values()) for (const stretch of tree.missing) yield this.#stretchRequest(tree, stretch)
  }

  /** True while `request`, one of those that were missing, is still to be asked for. */
  isMissing({ root, index }: HashRequest): boolean {
    return this.#byRoot.get(rootKey(root))?.missing.has(index / STRETCH_HASHES) === true
  }

  /** Takes the answer to one of the requests that were missing. False if it does not prove out: whoever sent it made it up. */
  add(request: HashRequest, hashes: Uint8Array): boolean {
    const tree = this.#byRoot.get(rootKey(request.root))
    if (tree === undefined || hashes.length !== (request.length + uncleCount(request)) * MERKLE_HASH_BYTES) return false
    const own = hashes.subarray(0, request.length * MERKLE_HASH_BYTES)
    if (!equalBytes(rootOver(own, hashes.subarray(own.length), request), tree.root)) return false
    const stretch = request.index / STRETCH_HASHES
    if (request.baseLayer !== tree.layerLevel || !tree.missing.has(stretch)) return true
    tree.layer ??= new Uint8Array(tree.pieceCount * MERKLE_HASH_BYTES)
    const start = request.index * MERKLE_HASH_BYTES
    tree.layer.set(own.subarray(0, tree.layer.length - start), start)
    tree.missing.delete(stretch)
    if (tree.missing.size === 0) this.#incomplete--
    return true
  }

  /**
   * The piece whose leaves `answer` needs for `request`. Undefined where it needs none, and where it answers nothing: leaves of more than
   * one piece at once are nothing that anybody asks for.
   */
  pieceBelow(request: HashRequest): number | undefined {
    const tree = this.#treeFor(request)
    if (tree === undefined || request.baseLayer >= tree.layerLevel) return undefined
    const below = 2 ** (tree.layerLevel - request.baseLayer)
    const index = Math.floor(request.index / below)
    if (request.length > below || index >= tree.pieceCount) return undefined
    return tree.firstPiece + index
  }

  /**
   * The hashes that `request` asks for, and behind them those that prove them. Undefined for what does not exist or is not known.
   * `leaves` are those of `pieceBelow(request)` as they were read, without zero leaves; they are checked.
   */
  answer(request: HashRequest, leaves?: Uint8Array): Uint8Array | undefined {
    const tree = this.#treeFor(request)
    if (tree?.layer === undefined || tree.missing.size > 0) return undefined
    tree.upper ??= layersAbove(tree.layer, tree.layerLevel, tree.height)
    if (request.baseLayer >= tree.layerLevel) return answerFrom(request, (level) => tree.upper?.[level - tree.layerLevel])
    if (leaves === undefined || this.pieceBelow(request) === undefined) return undefined
    const lower = layersAbove(leaves, 0, tree.layerLevel)
    const piece = Math.floor(request.index / 2 ** (tree.layerLevel - request.baseLayer))
    if (!equalBytes(lower[tree.layerLevel] ?? NOTHING, hashAt(tree.layer, piece))) return undefined
    return answerFrom(
      request,
      (level) => (level < tree.layerLevel ? lower[level] : tree.upper?.[level - tree.layerLevel]),
      (level) => (level < tree.layerLevel ? piece * 2 ** (tree.layerLevel - level) : 0),
    )
  }

  /** Asks for the leaves of `piece`, whose own hash is known, so that they need no proof. Undefined where it is a leaf itself, or has more than are asked for. */
  leafRequest(piece: number): HashRequest | undefined {
    const place = this.#placeOf(piece)
    const tree = this.#trees[place]
    if (tree === undefined || tree.layerLevel === 0) return undefined
    const length = 2 ** tree.layerLevel
    if (length > MOST_ASKED_HASHES) return undefined
    return { root: tree.root, baseLayer: 0, index: (piece - (this.#firstPieces[place] as number)) * length, length, proofLayers: 0 }
  }

  /** True if `leaves`, zero leaves included, are those of `piece`, whose hash must be known. */
  provesLeaves(piece: number, leaves: Uint8Array): boolean {
    const hash = this.hashOf(piece)
    const count = this.leafCountOf(piece)
    if (hash === undefined || leaves.length !== count * MERKLE_HASH_BYTES) return false
    return equalBytes(raiseLayer(leaves, 0, Math.log2(count)), hash)
  }

  #treeOf({ piecesRoot: root, lengthBytes, offsetBytes }: FileWithContent, known: Uint8Array | undefined): FileTree {
    const height = log2Up(Math.ceil(lengthBytes / BLOCK_BYTES))
    const firstPiece = offsetBytes / this.#pieceLengthBytes
    const pieceCount = Math.ceil(lengthBytes / this.#pieceLengthBytes)
    const layer = pieceCount === 1 ? root : known
    const stretches = layer === undefined ? Math.ceil(pieceCount / STRETCH_HASHES) : 0
    const missing = new Set(Array.from({ length: stretches }, (_, stretch) => stretch))
    return { root, height, pieceCount, firstPiece, layerLevel: Math.min(this.pieceLevel, height), layer, missing, upper: undefined }
  }

  #stretchRequest({ root, height, pieceCount, layerLevel }: FileTree, stretch: number): HashRequest {
    const index = stretch * STRETCH_HASHES
    // At least two (BEP 52), and not more than the file takes: libtorrent does not keep the hashes behind them.
    const length = Math.min(STRETCH_HASHES, 2 ** Math.max(1, log2Up(pieceCount - index)))
    return { root, baseLayer: layerLevel, index, length, proofLayers: height - layerLevel - 1 }
  }

  /** The tree that `request` asks about, if it asks for something that there is. */
  #treeFor({ root, baseLayer, index, length, proofLayers }: HashRequest): FileTree | undefined {
    const tree = this.#byRoot.get(rootKey(root))
    if (tree === undefined || baseLayer >= tree.height || proofLayers >= tree.height - baseLayer) return undefined
    if (length > MOST_HASHES || !Number.isInteger(Math.log2(length)) || index % length !== 0) return undefined
    return index + length <= 2 ** (tree.height - baseLayer) ? tree : undefined
  }

  /** The place of the last file that starts at or before `piece`; -1 if there is none. */
  #placeOf(piece: number): number {
    let low = 0
    let high = this.#firstPieces.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#firstPieces[middle] as number) <= piece) low = middle + 1
      else high = middle
    }
    return low - 1
  }
}

const NOTHING = new Uint8Array()

/** How far above `count` nodes their root lies. */
function log2Up(count: number): number {
  return 32 - Math.clz32(count - 1)
}

/** The hash number `index` of a layer; shorter where there is none. */
function hashAt(layer: Uint8Array, index: number): Uint8Array {
  return layer.subarray(index * MERKLE_HASH_BYTES, (index + 1) * MERKLE_HASH_BYTES)
}

/** `layer`, which lies on `level`, and those above it up to the one on `top`. */
function layersAbove(layer: Uint8Array, level: number, top: number): Uint8Array[] {
  const layers = [layer]
  for (let above = level; above < top; above++) layers.push(raiseLayer(layers[above - level] as Uint8Array, above, 1))
  return layers
}

/** The hashes asked for and their uncles, from layers of which each begins with the node of its number `firstOn`. */
function answerFrom(
  request: HashRequest,
  layerOn: (level: number) => Uint8Array | undefined,
  firstOn: (level: number) => number = () => 0,
): Uint8Array {
  const { baseLayer, index, length } = request
  const uncles = uncleCount(request)
  const answer = new Uint8Array((length + uncles) * MERKLE_HASH_BYTES)
  const put = (at: number, level: number, place: number): void => {
    const hash = hashAt(layerOn(level) ?? NOTHING, place - firstOn(level))
    answer.set(hash.length === MERKLE_HASH_BYTES ? hash : padHash(level), at * MERKLE_HASH_BYTES)
  }
  for (let step = 0; step < length; step++) put(step, baseLayer, index + step)
  let place = index / length
  for (let step = 0; step < uncles; step++) {
    put(length + step, baseLayer + Math.log2(length) + step, place % 2 === 0 ? place + 1 : place - 1)
    place = Math.floor(place / 2)
  }
  return answer
}

/** Where `hashes` lead to with the help of their uncles. */
function rootOver(hashes: Uint8Array, uncles: Uint8Array, { baseLayer, index, length }: HashRequest): Uint8Array {
  const levels = Math.log2(length)
  let node = raiseLayer(hashes, baseLayer, levels)
  let place = index / length
  for (let step = 0; step * MERKLE_HASH_BYTES < uncles.length; step++) {
    const uncle = hashAt(uncles, step)
    node = raiseLayer(Buffer.concat(place % 2 === 0 ? [node, uncle] : [uncle, node]), baseLayer + levels + step, 1)
    place = Math.floor(place / 2)
  }
  return node
}
