/**
 * A URL as it may be shown: without user and password, with `?...` in place of a query, which may be a signature, and at most 200
 * characters long. What is no URL is not shown at all.
 */
export function redactUrl(url: URL | string): string {
  if (typeof url === 'string' && !URL.canParse(url)) return 'a malformed URL'
  const { protocol, host, pathname, search } = new URL(url)
  const shown = `${protocol}//${host}${pathname}${search === '' ? '' : '?...'}`
  return shown.length > LONGEST_SHOWN ? `${shown.slice(0, LONGEST_SHOWN)}...` : shown
}

const LONGEST_SHOWN = 200
