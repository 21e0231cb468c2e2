import { concatBytes, utf8Bytes } from '../base/bytes.ts'
import { asList, asText, encodeBencode } from './bencode.ts'
import { BencodeView } from './bencode-view.ts'

/**
 * A .torrent file that names `urls` as web seeds (BEP 19) after those that it names already, each once. Everything else stays byte for
 * byte what it is, the info dictionary and fields of other programs included. `torrentBytes` were decoded before.
 */
export function addWebSeeds(torrentBytes: Uint8Array, urls: readonly string[]): Uint8Array {
  const scanned = BencodeView.scan(torrentBytes)
  const entries = scanned.ok ? scanned.value.entries(Number.POSITIVE_INFINITY) : undefined
  if (entries === undefined || urls.length === 0) return torrentBytes
  const named = entries.get('url-list')?.build(MOST_NAMED)
  const known = (asList(named) ?? [named]).flatMap((value) => asText(value) || [])
  const fields = new Map([...entries].map(([key, { raw }]) => [key, raw]))
  fields.set('url-list', encodeBencode([...new Set([...known, ...urls])]))
  // In this order the keys are sorted as bytes: each character is one.
  const sorted = [...fields].sort(([left], [right]) => (left < right ? -1 : 1))
  const parts = sorted.flatMap(([key, raw]) => [encodeBencode(Buffer.from(key, 'latin1')), raw])
  return concatBytes([utf8Bytes('d'), ...parts, utf8Bytes('e')])
}

/** Values of a list of web seeds that is kept; a longer one is not read by anybody. */
const MOST_NAMED = 50_000
