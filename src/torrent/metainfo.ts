import { DistroError } from '../base/errors.ts'
import { asDictionary, asInteger, asText, type BencodeDictionary, decodeBencodePrefix } from './bencode.ts'
import { findBencodeSpan } from './find-bencode-span.ts'
import type { Metainfo } from './info.ts'
import { infoHashOf, notCanonical, readInfo } from './info-dictionary.ts'
import { readNodes, readTrackers, readWebSeeds } from './metainfo-urls.ts'
import { quoteName } from './quote-name.ts'
import type { PathRules } from './safe-path.ts'
import { invalidTorrent } from './torrent-fields.ts'

/** The largest .torrent file and info dictionary that is read, in bytes. Whoever reads a file checks its size first. */
export const METAINFO_MAX_BYTES = 10_000_000

/**
 * Reads a .torrent file (BEP 3, 5, 12, 19, 27, 47; the v1 side of hybrids). The info-hash is taken over the bytes as received,
 * and the result holds views of `bytes`. Throws TORRENT_INVALID, TORRENT_UNSUPPORTED, PATH_REFUSED or LIMIT_EXCEEDED with the
 * field in its message. Malformed trackers, web seeds, nodes and remarks only cost themselves: they are left out and told in
 * `warnings`.
 */
export function decodeMetainfo(bytes: Uint8Array, rules: PathRules = {}): Metainfo {
  const top = decodeTop(bytes, rules)
  const span = findBencodeSpan(bytes, 'info')
  if (span === undefined) throw invalidTorrent('info is missing')
  const infoBytes = bytes.subarray(span.start, span.end)
  const info = readInfo(top.get('info'), rules)
  const warnings: string[] = []
  return {
    infoHash: infoHashOf(infoBytes),
    infoBytes,
    info,
    trackers: readTrackers(top, warnings),
    webSeeds: readWebSeeds(top, warnings),
    nodes: readNodes(top, warnings),
    comment: remark(top, 'comment'),
    createdBy: remark(top, 'created by'),
    creationDate: creationDate(top),
    ...(warnings.length > 0 ? { warnings } : {}),
  }
}

const DICTIONARY = 0x64
const LONGEST_REMARK = 4_096
/** The last second that a Date can hold. */
const LAST_SECOND = 8_640_000_000_000

function decodeTop(bytes: Uint8Array, rules: PathRules): BencodeDictionary {
  if (bytes.length > METAINFO_MAX_BYTES) {
    const hint = 'Is it really a .torrent file, and not the content itself?'
    throw new DistroError('LIMIT_EXCEEDED', `A torrent of ${bytes.length} bytes is more than the limit of ${METAINFO_MAX_BYTES}.`, { hint })
  }
  if (bytes[0] !== DICTIONARY) throw notTorrent(bytes)
  const result = decodeBencodePrefix(bytes, { maxBytes: METAINFO_MAX_BYTES })
  if (!result.ok) {
    const tolerant = decodeBencodePrefix(bytes, { maxBytes: METAINFO_MAX_BYTES, canonical: false })
    if (!tolerant.ok) throw invalidTorrent(`it has ${result.fault}`)
    throw notCanonical(asDictionary(tolerant.value.value)?.get('info'), result.fault, rules)
  }
  const { value, length } = result.value
  // Editors and shells end a file with a line break; it changes nothing that is hashed.
  const rest = Buffer.from(bytes.subarray(length, length + 3)).toString('latin1')
  if (rest !== '' && rest !== '\n' && rest !== '\r\n')
    throw invalidTorrent(`${bytes.length - length} bytes follow its end at byte ${length}`)
  return value as BencodeDictionary
}

function notTorrent(bytes: Uint8Array): DistroError {
  const start = Buffer.from(bytes.subarray(0, 16)).toString('utf8').trim().split(/\s/)[0] ?? ''
  const what = bytes.length === 0 ? 'it is empty' : `it starts with ${quoteName(start)}`
  const hint = start.startsWith('<')
    ? 'It looks like a web page: was a login needed to download it?'
    : 'Check that the right file was named.'
  return new DistroError('TORRENT_INVALID', `This is not a torrent: ${what}.`, { hint })
}

function remark(top: BencodeDictionary, key: string): string | undefined {
  return asText(top.get(key))?.slice(0, LONGEST_REMARK)
}

function creationDate(top: BencodeDictionary): number | undefined {
  const seconds = asInteger(top.get('creation date'))
  return seconds !== undefined && seconds >= 0 && seconds <= LAST_SECOND ? seconds : undefined
}
