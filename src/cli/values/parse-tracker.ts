import { acceptUrl, TRACKER_PROTOCOLS } from '../../torrent/accept-url.ts'

/** A tracker URL; undefined unless it is an http, https or udp URL with a host, and, for udp, a port (BEP 15). */
export function parseTracker(text: string): string | undefined {
  const url = acceptUrl(text, TRACKER_PROTOCOLS)
  return url !== undefined && (!url.toLowerCase().startsWith('udp:') || new URL(url).port !== '') ? url : undefined
}
