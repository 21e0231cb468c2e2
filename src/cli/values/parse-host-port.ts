import { isIP } from 'node:net'
import type { HostPort } from '../../discovery/host-port.ts'

/** A host and port from `host:6881`, `10.0.0.1:6881` or `[2001:db8::1]:6881`; undefined when it is neither. */
export function parseHostPort(text: string): HostPort | undefined {
  const match = /^(?:\[([0-9a-f:.]+)\]|([^:[\]\s]+)):(\d{1,5})$/i.exec(text.trim())
  if (match === null) return undefined
  const [, bracketed, plain = '', digits] = match
  const port = Number(digits)
  if (port < 1 || port > 65_535) return undefined
  if (bracketed !== undefined) return isIP(bracketed) === 6 ? { host: bracketed, port } : undefined
  return isIP(plain) === 4 || isHostName(plain) ? { host: plain, port } : undefined
}

function isHostName(text: string): boolean {
  // A name of digits and dots alone would be an address with a slip in it.
  return (
    text.length <= 253 && !/^[\d.]+$/.test(text) && text.split('.').every((label) => /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/i.test(label))
  )
}
