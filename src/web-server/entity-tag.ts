/** The strong ETag (RFC 9110 section 8.8.3) of a file of a torrent: its info-hash fixes every byte of it. */
export function entityTag(infoHash: string, file: number): string {
  return `"${infoHash}-${file}"`
}

/**
 * True if a list of tags, as in If-Match and If-None-Match, is `*` or names `tag`, which is strong. The `strong` comparison leaves out
 * tags that are marked weak, the `weak` one takes them for what they name.
 */
export function namesTag(list: string, tag: string, comparison: 'strong' | 'weak'): boolean {
  if (list.trim() === '*') return true
  for (const [, weakness, opaque] of list.matchAll(/(W\/)?("[\x21\x23-\x7e\x80-\xff]*")/g)) {
    if (opaque === tag && (weakness === undefined || comparison === 'weak')) return true
  }
  return false
}
