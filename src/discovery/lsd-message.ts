import { toHex } from '../base/bytes.ts'
import { type Decoded, decoded, undecodable } from '../base/decoded.ts'

/** One announcement on the local network (BEP 14). */
export interface LsdMessage {
  /** The multicast group in the `Host` header, as the sender wrote it. */
  readonly group: string
  /** The TCP port on which the sender takes peers. */
  readonly port: number
  /** 1 to 32 info-hashes of 20 bytes, in lower-case hexadecimal. */
  readonly infoHashes: readonly string[]
  /** Tells the sender its own announcements; at most 64 printable characters. */
  readonly cookie: string | undefined
}

/** A datagram longer than this is no announcement (BEP 14: it must fit into 1,400 bytes). */
export const MAX_LSD_BYTES = 1_400
const MAX_INFO_HASHES = 32
const REQUEST_LINE = 'BT-SEARCH * HTTP/1.1'

/** Writes an announcement; the info-hashes are 20 bytes each and at most 20 of them, so that it fits. */
export function encodeLsdMessage(group: string, port: number, infoHashes: readonly Uint8Array[], cookie: string): Uint8Array {
  const hashes = infoHashes.map((infoHash) => `Infohash: ${toHex(infoHash)}`)
  return Buffer.from([REQUEST_LINE, `Host: ${group}`, `Port: ${port}`, ...hashes, `cookie: ${cookie}`, '', '', ''].join('\r\n'), 'latin1')
}

/**
 * Reads an announcement strictly: the request line to the letter, CRLF line ends, `Host`, `Port` and `cookie` at most once, `Port` 1 to 65535,
 * each `Infohash` 40 hexadecimal digits. Header names may be in any case; unknown headers are passed over.
 */
export function decodeLsdMessage(bytes: Uint8Array): Decoded<LsdMessage> {
  if (bytes.length > MAX_LSD_BYTES) return undecodable(`${bytes.length} bytes, more than ${MAX_LSD_BYTES}`)
  const text = Buffer.from(bytes).toString('latin1')
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return undecodable('no empty line at the end')
  const [requestLine, ...lines] = text.slice(0, end).split('\r\n')
  if (requestLine !== REQUEST_LINE) return undecodable('not a BT-SEARCH request')
  const headers = headersOf(lines)
  if (headers === undefined) return undecodable('a line that is not a header')
  return messageOf(headers)
}

function headersOf(lines: readonly string[]): ReadonlyMap<string, readonly string[]> | undefined {
  const headers = new Map<string, string[]>()
  for (const line of lines) {
    const match = /^([A-Za-z-]{1,32}):[ \t]*([\x20-\x7e]*)$/.exec(line)
    if (match === null) return undefined
    const [, name = '', value = ''] = match
    const values = headers.get(name.toLowerCase()) ?? []
    headers.set(name.toLowerCase(), values)
    values.push(value.trimEnd())
  }
  return headers
}

function messageOf(headers: ReadonlyMap<string, readonly string[]>): Decoded<LsdMessage> {
  const { value: group, isRepeated: isGroupRepeated } = only(headers, 'host')
  const { value: portText = '', isRepeated: isPortRepeated } = only(headers, 'port')
  const { value: cookie, isRepeated: isCookieRepeated } = only(headers, 'cookie')
  if (group === undefined || isGroupRepeated) return undecodable('Host is not there exactly once')
  const port = /^[1-9]\d{0,4}$/.test(portText) ? Number(portText) : 0
  if (isPortRepeated || port < 1 || port > 65_535) return undecodable('Port is not there exactly once, from 1 to 65535')
  if (isCookieRepeated || (cookie?.length ?? 0) > 64) return undecodable('cookie is there twice or too long')
  const infoHashes = headers.get('infohash') ?? []
  if (infoHashes.length === 0 || infoHashes.length > MAX_INFO_HASHES) return undecodable(`${infoHashes.length} info-hashes`)
  if (!infoHashes.every((infoHash) => /^[0-9a-fA-F]{40}$/.test(infoHash)))
    return undecodable('an info-hash that is not 40 hexadecimal digits')
  return decoded({ group, port, infoHashes: [...new Set(infoHashes.map((infoHash) => infoHash.toLowerCase()))], cookie })
}

function only(headers: ReadonlyMap<string, readonly string[]>, name: string): { value: string | undefined; isRepeated: boolean } {
  const values = headers.get(name) ?? []
  return { value: values[0], isRepeated: values.length > 1 }
}
