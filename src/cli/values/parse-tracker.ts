/** A tracker URL in its normal form; undefined unless it is an http, https or udp URL with a host (and, for udp, a port). */
export function parseTracker(text: string): string | undefined {
  const trimmed = text.trim()
  if (!URL.canParse(trimmed) || trimmed.length > 2_048) return undefined
  const url = new URL(trimmed)
  if (url.hostname === '') return undefined
  if (url.protocol === 'udp:') return url.port === '' ? undefined : url.href
  return url.protocol === 'http:' || url.protocol === 'https:' ? url.href : undefined
}
