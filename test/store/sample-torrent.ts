import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { TorrentInfo } from '../../src/torrent/info.ts'
import { xorshift } from '../support/xorshift.ts'

/** A torrent together with all its bytes, padding included. */
export interface SampleTorrent {
  readonly info: TorrentInfo
  readonly infoHash: Uint8Array
  readonly content: Uint8Array
}

/** One file of a sample; a path that starts with `.pad/` makes it padding. */
export type SampleFile = readonly [path: string, lengthBytes: number]

/** How a sample is cut and called. */
export interface SampleShape {
  readonly pieceLengthBytes?: number
  readonly seed?: number
  readonly isSingleFile?: boolean
  readonly name?: string
}

/** A torrent over `files` whose bytes follow from `seed`; a single file is asked for with `isSingleFile`. */
export function sampleTorrent(
  files: readonly SampleFile[],
  { pieceLengthBytes = 16_384, seed = 1, isSingleFile = false, name = 'sample' }: SampleShape = {},
): SampleTorrent & { readonly info: { readonly pieceHashes: Uint8Array } } {
  let offsetBytes = 0
  const laidOut = files.map(([path, lengthBytes]) => {
    const isPadding = path.startsWith('.pad/')
    const file = { path: path.split('/'), lengthBytes, offsetBytes, kind: isPadding ? ('padding' as const) : ('file' as const) }
    offsetBytes += lengthBytes
    return file
  })
  const content = pseudoRandomBytes(offsetBytes, seed)
  for (const file of laidOut) {
    if (file.kind === 'padding') content.fill(0, file.offsetBytes, file.offsetBytes + file.lengthBytes)
  }
  const pieceCount = Math.ceil(offsetBytes / pieceLengthBytes)
  const pieceHashes = new Uint8Array(pieceCount * 20)
  for (let piece = 0; piece < pieceCount; piece++) {
    const bytes = content.subarray(piece * pieceLengthBytes, (piece + 1) * pieceLengthBytes)
    pieceHashes.set(createHash('sha1').update(bytes).digest(), piece * 20)
  }
  const info = {
    name,
    pieceLengthBytes,
    pieceHashes,
    files: laidOut,
    isSingleFile,
    totalBytes: offsetBytes,
    isPrivate: false,
  }
  const infoHash = createHash('sha1')
    .update(JSON.stringify([name, laidOut, pieceLengthBytes]))
    .update(pieceHashes)
    .digest()
  return { info, infoHash, content }
}

/** The bytes of file `index`. */
export function bytesOfFile({ info, content }: SampleTorrent, index: number): Uint8Array {
  const file = info.files[index]
  if (file === undefined) return new Uint8Array(0)
  return content.subarray(file.offsetBytes, file.offsetBytes + file.lengthBytes)
}

/** Writes the content below `outDir`, as it was published, and gives the path of the tree or file. */
export function publishSample(sample: SampleTorrent, outDir: string): string {
  const root = join(outDir, sample.info.name)
  for (const [index, file] of sample.info.files.entries()) {
    if (file.kind === 'padding') continue
    const path = sample.info.isSingleFile ? root : join(root, ...file.path)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, bytesOfFile(sample, index))
  }
  return root
}

/** Every file below `root`, by its path there, with its bytes as hexadecimal SHA-1; directories end with a slash. */
export function treeOf(root: string): Map<string, string> {
  const tree = new Map<string, string>()
  for (const entry of readdirSync(root, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name)
    const relative = path.slice(root.length + 1)
    if (entry.isDirectory()) tree.set(`${relative}/`, '')
    else if (entry.isSymbolicLink()) tree.set(relative, 'link')
    else tree.set(relative, createHash('sha1').update(readFileSync(path)).digest('hex'))
  }
  return new Map([...tree].sort(([left], [right]) => (left < right ? -1 : 1)))
}

/** Bytes that look random, the same for the same seed. */
export function pseudoRandomBytes(lengthBytes: number, seed: number): Uint8Array {
  return xorshift(seed * 2_654_435_761)(lengthBytes)
}
