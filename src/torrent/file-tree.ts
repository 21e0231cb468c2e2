import { BencodeScanner } from './bencode-scanner.ts'
import { BencodeView } from './bencode-view.ts'
import { MERKLE_HASH_BYTES } from './merkle-tree.ts'
import { beyondLimit, invalidTorrent, nameFrom, TorrentFields } from './torrent-fields.ts'

/** One file or symbolic link of a v2 file tree. Its path is UTF-8 and not checked any further. */
export interface TreeEntry {
  readonly path: readonly string[]
  /** 0 for a link. */
  readonly lengthBytes: number
  /** The root of its merkle tree, 32 bytes; undefined for a link and an empty file. */
  readonly piecesRoot: Uint8Array | undefined
  /** Where a link points (BEP 47), as the torrent says it: unchecked. Undefined for a file. */
  readonly target: readonly string[] | undefined
  /** True for a file that is marked as executable (BEP 47); absent for every other. */
  readonly isExecutable?: true
}

/**
 * Reads `info.file tree` (BEP 52) in its own order, in one pass and without building the tree. Throws TORRENT_INVALID, PATH_REFUSED (a
 * name that is not UTF-8) or LIMIT_EXCEEDED, with the field in its message: `info.file tree[3]` is the fourth file.
 */
export function readFileTree(fields: TorrentFields): readonly TreeEntry[] {
  const tree = fields.get('file tree')
  if (tree === undefined) throw invalidTorrent('info.file tree is missing')
  const reader = new FileTreeReader(tree.raw)
  reader.readFolder([])
  return reader.entries
}

const MOST_FILES = 200_000
/** Names in all paths together: a folder deep down counts once for each file below it. */
const MOST_NAMES = 4_000_000

class FileTreeReader {
  readonly entries: TreeEntry[] = []
  readonly #bytes: Uint8Array
  /** Stands on bytes that a scan found sound. */
  readonly #scanner: BencodeScanner
  #names = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#scanner = new BencodeScanner(bytes)
  }

  /** Reads what is at `path`: a folder of names, or a file, whose only name is the empty one. Depth is bounded by the scan. */
  readFolder(path: readonly string[]): void {
    const scanner = this.#scanner
    if (!scanner.isAtDictionary) throw invalidTorrent(`info.file tree has no folder at depth ${path.length}`)
    scanner.position++
    if (scanner.isAtEnd) throw invalidTorrent(`info.file tree has no folder at depth ${path.length}`)
    for (let isFirst = true; !scanner.isAtEnd; isFirst = false) {
      if (!scanner.readString()) throw invalidTorrent(`in info.file tree, ${scanner.fault}`)
      if (scanner.start < scanner.end) {
        const name = nameFrom(this.#bytes.subarray(scanner.start, scanner.end), () => `a name of info.file tree at depth ${path.length}`)
        this.readFolder([...path, name])
        continue
      }
      const isAlone = this.#readFile(path) && scanner.isAtEnd
      if (!isFirst || !isAlone || path.length === 0) throw invalidTorrent(`info.file tree has a malformed file at depth ${path.length}`)
    }
    scanner.position++
  }

  /** Reads the properties of the file at `path`; false if they are no dictionary. */
  #readFile(path: readonly string[]): boolean {
    const view = BencodeView.scan(this.#bytes.subarray(this.#scanner.position), { canonical: false })
    if (!this.#scanner.isAtDictionary || !view.ok) return false
    this.#scanner.position += view.value.end
    if (this.entries.length === MOST_FILES) throw beyondLimit(`info.file tree has more than ${MOST_FILES} files`)
    this.#names += path.length
    if (this.#names > MOST_NAMES) throw beyondLimit(`the paths in info.file tree have more than ${MOST_NAMES} names together`)
    this.entries.push(entryFrom(path, new TorrentFields(view.value, `info.file tree[${this.entries.length}]`)))
    return true
  }
}

function entryFrom(path: readonly string[], file: TorrentFields): TreeEntry {
  const attributes = file.has('attr') ? Buffer.from(file.bytes('attr')).toString('latin1') : ''
  if (attributes.includes('p')) throw invalidTorrent(`${file.nameOf('attr')} calls a file padding, which a file tree has none of`)
  // A link holds no content, whatever its length says (BEP 47).
  if (attributes.includes('l')) return { path, lengthBytes: 0, piecesRoot: undefined, target: file.names('symlink path') }
  const lengthBytes = file.integer('length', 0)
  const piecesRoot = lengthBytes === 0 ? undefined : rootFrom(file)
  return { path, lengthBytes, piecesRoot, target: undefined, ...(attributes.includes('x') ? { isExecutable: true } : {}) }
}

function rootFrom(file: TorrentFields): Uint8Array {
  const root = file.bytes('pieces root')
  const where = file.nameOf('pieces root')
  if (root.length !== MERKLE_HASH_BYTES) throw invalidTorrent(`${where} has ${root.length} bytes, not ${MERKLE_HASH_BYTES}`)
  if (root.every((byte) => byte === 0)) throw invalidTorrent(`${where} is zero, which no content has`)
  return root
}
