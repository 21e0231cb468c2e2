import { Bitfield } from '../base/bitfield.ts'
import type { TorrentInfo, TorrentSymlink } from '../torrent/info.ts'
import type { PieceGeometry } from '../torrent/piece-geometry.ts'
import { everyEntry, treeShape, type WantedEntries } from './tree-shape.ts'

/**
 * Which files of a torrent are wanted, and what that means for its pieces. A piece that reaches into a file that is not wanted
 * is still fetched whole, because only a whole piece can be verified.
 */
export class Selection {
  /** True when every file is wanted. */
  readonly isWhole: boolean
  /** Pieces that hold bytes of wanted files. */
  readonly wanted: Bitfield
  /** Wanted pieces that can be read again once the tree is in place: all bytes are in wanted files. Only these may be offered to peers. */
  readonly servable: Bitfield
  /** Wanted pieces that are not servable, in order. */
  readonly boundary: readonly number[]
  /** Bytes of the wanted pieces. */
  readonly wantedBytes: number
  readonly #files: ReadonlySet<number> | undefined
  readonly #info: TorrentInfo

  /** `files` are the wanted ones by number; undefined means all. */
  constructor(info: TorrentInfo, geometry: PieceGeometry, files: ReadonlySet<number> | undefined) {
    this.#info = info
    this.isWhole = files === undefined || info.files.every((file, index) => file.kind === 'padding' || files.has(index))
    this.#files = this.isWhole ? undefined : files
    this.wanted = new Bitfield(geometry.pieceCount)
    this.servable = new Bitfield(geometry.pieceCount)
    if (this.isWhole) this.wanted.fill()
    else for (const index of this.fileIndexes()) addPieces(this.wanted, geometry, index)
    for (let piece = 0; piece < geometry.pieceCount; piece++) if (this.wanted.has(piece)) this.servable.add(piece)
    if (!this.isWhole) {
      info.files.forEach((file, index) => {
        if (file.kind === 'file' && !this.wantsFile(index)) removePieces(this.servable, geometry, index)
      })
    }
    const boundary: number[] = []
    let wantedBytes = 0
    for (let piece = 0; piece < geometry.pieceCount; piece++) {
      if (!this.wanted.has(piece)) continue
      wantedBytes += geometry.pieceBytes(piece)
      if (!this.servable.has(piece)) boundary.push(piece)
    }
    this.boundary = boundary
    this.wantedBytes = wantedBytes
  }

  /** True for a file that is to be placed; never for padding. */
  wantsFile(file: number): boolean {
    return this.#info.files[file]?.kind === 'file' && (this.#files === undefined || this.#files.has(file))
  }

  /**
   * What is to stand in the tree: all of it, or of a part the files and the links that name one of them, one of their folders, or such a
   * link. No empty folder comes with a part.
   */
  entries(): WantedEntries {
    if (this.isWhole) return everyEntry(this.#info)
    const files = this.fileIndexes()
    return { files, symlinks: linksInto(this.#info, files), emptyDirectories: [] }
  }

  /** The wanted files in torrent order. */
  fileIndexes(): number[] {
    return [...this.#info.files.keys()].filter((index) => this.wantsFile(index))
  }
}

function linksInto(info: TorrentInfo, files: readonly number[]): readonly TorrentSymlink[] {
  const { symlinks = [] } = info
  if (symlinks.length === 0) return []
  const waiting = new Map<string, TorrentSymlink[]>()
  for (const link of symlinks) {
    const target = link.target.join('/')
    const others = waiting.get(target)
    if (others === undefined) waiting.set(target, [link])
    else others.push(link)
  }
  const shape = treeShape(info, { files, symlinks: [], emptyDirectories: [] })
  const places = [...shape.files.keys(), ...shape.directories]
  const found = new Set<TorrentSymlink>()
  for (let place = places.pop(); place !== undefined; place = places.pop()) {
    for (const link of waiting.get(place) ?? []) {
      found.add(link)
      places.push(link.path.join('/'))
    }
    waiting.delete(place)
  }
  return symlinks.filter((link) => found.has(link))
}

function addPieces(pieces: Bitfield, geometry: PieceGeometry, file: number): void {
  const { first, end } = geometry.filePieces(file)
  for (let piece = first; piece < end; piece++) pieces.add(piece)
}

function removePieces(pieces: Bitfield, geometry: PieceGeometry, file: number): void {
  const { first, end } = geometry.filePieces(file)
  for (let piece = first; piece < end; piece++) pieces.delete(piece)
}
