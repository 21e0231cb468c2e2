import { readEmptyDirectories } from './empty-directories.ts'
import type { TorrentFile, TorrentSymlink } from './info.ts'
import { ownFields } from './own-entries.ts'
import { type PathRules, PathTree } from './safe-path.ts'
import { resolveSymlinks } from './symlink.ts'
import { beyondLimit, invalidTorrent, TorrentFields } from './torrent-fields.ts'

/** The files of a v1 info dictionary. */
export interface FileList {
  readonly files: readonly TorrentFile[]
  readonly symlinks: readonly TorrentSymlink[]
  readonly emptyDirectories: readonly (readonly string[])[]
  /** Files and links in the order in which they stand, without padding. */
  readonly entries: readonly FileEntry[]
  readonly totalBytes: number
}

/** What a hybrid torrent must say of an entry in both of its halves. */
export interface FileEntry {
  readonly path: readonly string[]
  readonly lengthBytes: number
  readonly offsetBytes: number
}

/** Reads `info.length` or `info.files` (BEP 3, BEP 47). Throws TORRENT_INVALID, PATH_REFUSED or LIMIT_EXCEEDED with the field in its message. */
export function readFileList(fields: TorrentFields, name: string, pieceLengthBytes: number, rules: PathRules): FileList {
  if (!fields.has('files')) return singleFile(fields, name)
  if (fields.has('length')) throw invalidTorrent('info has both length and files')
  const values = fields.list('files', MOST_FILES)
  const tree = new PathTree(rules, Buffer.byteLength(name), (index) =>
    index < values.length ? `info.files[${index}].path` : `info.distro.dirs[${index - values.length}]`,
  )
  const files: TorrentFile[] = []
  const symlinks: TorrentSymlink[] = []
  const linkIndexes: number[] = []
  const entries: FileEntry[] = []
  let totalBytes = 0
  for (const [index, value] of values.entries()) {
    const file = new TorrentFields(value, `info.files[${index}]`)
    const attributes = attributesOf(file)
    const isLink = attributes.includes('l')
    if (isLink && attributes.includes('p')) throw invalidTorrent(`${file.nameOf('attr')} calls one entry padding and a link`)
    // A link holds no content, whatever its length says (BEP 47).
    const lengthBytes = isLink ? 0 : file.integer('length', 0)
    const offsetBytes = totalBytes
    totalBytes += lengthBytes
    if (totalBytes > Number.MAX_SAFE_INTEGER) throw beyondLimit(`its files add up to more than 2^53 bytes at ${file.nameOf('length')}`)
    const path = attributes.includes('p') ? undefined : file.names('path')
    if (path === undefined || isOldPadding(path)) {
      if (lengthBytes >= pieceLengthBytes) throw invalidTorrent(`${file.nameOf('length')} pads ${lengthBytes} bytes, a piece or more`)
      files.push({ path: ['.pad', `${lengthBytes}`], lengthBytes, offsetBytes, kind: 'padding' })
      continue
    }
    tree.add(path, index)
    entries.push({ path, lengthBytes, offsetBytes })
    if (isLink) {
      symlinks.push({ path, target: file.names('symlink path') })
      linkIndexes.push(index)
    } else files.push({ path, lengthBytes, offsetBytes, kind: 'file', ...execBit(attributes) })
  }
  if (totalBytes === 0 && files.length > entries.length - symlinks.length) throw invalidTorrent('info.files holds padding and no content')
  const emptyDirectories = readEmptyDirectories(ownFields(fields), MOST_FILES - values.length)
  for (const [index, path] of emptyDirectories.entries()) tree.add(path, values.length + index)
  const fieldOf = (link: number): string => `info.files[${linkIndexes[link]}].symlink path`
  const resolved = resolveSymlinks([...entries.map(({ path }) => path), ...emptyDirectories], symlinks, fieldOf, rules)
  return { files, symlinks: resolved, emptyDirectories, entries, totalBytes }
}

/** Files, links and empty folders together. */
export const MOST_FILES = 200_000

function singleFile(fields: TorrentFields, name: string): FileList {
  const lengthBytes = fields.integer('length', 0)
  if (lengthBytes === 0) throw invalidTorrent('info.length is 0: one empty file has no pieces, and no other client would load it')
  const entry = { path: [name], lengthBytes, offsetBytes: 0 }
  return {
    files: [{ ...entry, kind: 'file', ...execBit(attributesOf(fields)) }],
    symlinks: [],
    emptyDirectories: [],
    entries: [entry],
    totalBytes: lengthBytes,
  }
}

/** One letter for each attribute (BEP 47); letters that are not known mean nothing. */
function attributesOf(fields: TorrentFields): string {
  return fields.has('attr') ? Buffer.from(fields.bytes('attr')).toString('latin1') : ''
}

function execBit(attributes: string): { readonly isExecutable?: true } {
  return attributes.includes('x') ? { isExecutable: true } : {}
}

/** True for padding as BitComet wrote it before there was an attribute for it: a plain file with a name of its own. */
export function isOldPadding(path: readonly string[]): boolean {
  return path[path.length - 1]?.startsWith('_____padding_file_') === true
}
