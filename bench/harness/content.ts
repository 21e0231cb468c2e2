import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { GiB, MiB } from '../../src/base/units.ts'
import type { Options } from './options.ts'
import { type PayloadKind, writePayload } from './payload.ts'
import { formatSize } from './sizes.ts'
import { describeFile, pieceLengthFor, writeTorrent } from './torrent-file.ts'
import { makeWorkDirectory, type WorkDirectory } from './work-directory.ts'

/** From this size on the source is a file with holes, because writing it out would cost more than the benchmark. */
const SPARSE_FROM_BYTES: number = 8 * GiB

/** The file that a benchmark moves, and the torrents that describe it. */
export interface Content {
  readonly work: WorkDirectory
  readonly directory: string
  readonly fileName: string
  readonly sizeBytes: number
  readonly pieceLength: number
  readonly kind: PayloadKind
  readonly fileSystem: string
  readonly torrents: { readonly torrentPath: string; readonly trackedTorrentPath: string }
}

/** Writes the content with room for `copies` more of it, and its torrents without and, if there is one, with the tracker. */
export function prepareContent(options: Options, sizeBytes: number, copies: number, announceUrl?: string): Content {
  const pieceLength = options.pieceLength ?? pieceLengthFor(sizeBytes)
  const kind = sizeBytes >= SPARSE_FROM_BYTES ? 'sparse' : 'random'
  const work = makeWorkDirectory(options.directory, sizeBytes * (copies + 1) + 64 * MiB)
  const directory = work.folder('source')
  const fileName = 'payload.bin'
  writePayload(path.join(directory, fileName), sizeBytes, kind, pieceLength)
  const torrent = describeFile(path.join(directory, fileName), pieceLength)
  const torrents = { torrentPath: path.join(work.path, 'plain.torrent'), trackedTorrentPath: path.join(work.path, 'tracked.torrent') }
  writeTorrent(torrents.torrentPath, torrent)
  writeTorrent(torrents.trackedTorrentPath, torrent, announceUrl)
  return { work, directory, fileName, sizeBytes, pieceLength, kind, fileSystem: fileSystemOf(work.path), torrents }
}

/** What a result says of the content that was moved. */
export function contentSettings({ sizeBytes, pieceLength, kind, fileSystem }: Content): Readonly<Record<string, string>> {
  return { size: formatSize(sizeBytes), pieceLength: formatSize(pieceLength), content: kind, fileSystem }
}

function fileSystemOf(folder: string): string {
  return spawnSync('stat', ['-f', '-c', '%T', folder], { encoding: 'utf8' }).stdout.trim()
}
