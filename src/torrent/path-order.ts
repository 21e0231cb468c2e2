import type { TorrentFormat } from './torrent-format.ts'

/**
 * The entries of a tree in the order that they have in a torrent. In v1 that is the order of the bytes of their paths, written with slashes;
 * in a file tree (BEP 52), and so in a hybrid, folders are sorted level by level: `a/b` comes before `a.b` there, and after it in v1.
 */
export function inPathOrder<Entry extends { readonly path: readonly string[] }>(
  entries: readonly Entry[],
  format: TorrentFormat,
): readonly Entry[] {
  const keyed = entries.map((entry) => ({ entry, key: pathKey(entry.path, format) }))
  return keyed.sort((left, right) => Buffer.compare(left.key, right.key)).map(({ entry }) => entry)
}

/** What sorts, as bytes, as a path does in `inPathOrder`. No name holds a zero byte, which stands before all others. */
export function pathKey(path: readonly string[], format: TorrentFormat): Buffer {
  return Buffer.from(path.join(format === 'v1' ? '/' : '\0'))
}
