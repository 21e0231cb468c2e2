/**
 * Reads the target of a request (RFC 9112 section 3.2, origin and absolute form) into the elements of its path, each percent-decoded
 * once as UTF-8; a query is ignored. Undefined when it is malformed. Elements may be empty, `..`, or hold a slash: they are names to
 * be looked up, never a path to be opened.
 */
export function readTarget(target: string): readonly string[] | undefined {
  if (!/^[\x21\x22\x24-\x7e]*$/.test(target)) return undefined
  const [path = ''] = target.replace(/^https?:\/\/[^/?]*/i, '').split('?')
  if (path !== '' && !path.startsWith('/')) return undefined
  try {
    return path.slice(1).split('/').map(decodeURIComponent)
  } catch (cause) {
    if (!(cause instanceof URIError)) throw cause
    return undefined
  }
}
