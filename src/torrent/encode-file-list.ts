import type { Bencodable } from './bencode.ts'
import type { TorrentFile, TorrentSymlink } from './info.ts'

/** A file or a link of the tree that an info dictionary describes. */
export type EncodedEntry = Pick<TorrentFile, 'path' | 'lengthBytes' | 'isExecutable'> & {
  readonly kind: TorrentFile['kind'] | 'link'
  readonly target?: TorrentSymlink['target']
}

/**
 * What stands under `files` in an info dictionary of v1 (BEP 3, 47). `alignBytes` is the piece length of a hybrid: padding goes before every
 * file with content that would not start at a multiple of it.
 */
export function encodeFileList(entries: readonly EncodedEntry[], alignBytes: number | undefined): readonly Bencodable[] {
  const list: Bencodable[] = []
  let totalBytes = 0
  for (const entry of entries) {
    const { lengthBytes } = entry
    const gapBytes = alignBytes === undefined || lengthBytes === 0 ? 0 : (alignBytes - (totalBytes % alignBytes)) % alignBytes
    if (gapBytes > 0) list.push(entryFields({ path: ['.pad', `${gapBytes}`], lengthBytes: gapBytes, kind: 'padding' }))
    list.push(entryFields(entry))
    totalBytes += gapBytes + lengthBytes
  }
  return list
}

function entryFields(entry: EncodedEntry): ReadonlyMap<string, Bencodable> {
  return new Map<string, Bencodable>([...commonFields(entry), ['path', entry.path]])
}

/** What v1 and v2 say of an entry in the same words. A link takes no length (BEP 47), but some readers miss it. */
export function commonFields({ lengthBytes, kind, isExecutable, target }: EncodedEntry): readonly (readonly [string, Bencodable])[] {
  const attributes = kind === 'padding' ? 'p' : kind === 'link' ? 'l' : isExecutable === true ? 'x' : ''
  return [
    ...(attributes === '' ? [] : [['attr', attributes] as const]),
    ['length', lengthBytes],
    ...(target === undefined ? [] : [['symlink path', target] as const]),
  ]
}
