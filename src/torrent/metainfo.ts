import { DistroError } from '../base/errors.ts'
import { asInteger, asText, type Bencode, type BencodeDictionary } from './bencode.ts'
import { BencodeView } from './bencode-view.ts'
import type { Metainfo } from './info.ts'
import { notCanonical, readInfo } from './info-dictionary.ts'
import { readNodes, readTrackers, readWebSeeds } from './metainfo-urls.ts'
import { readPieceLayers } from './piece-layers.ts'
import { quoteName } from './quote-name.ts'
import { invalidTorrent, TorrentFields } from './torrent-fields.ts'
import { mergeHints, readHints } from './torrent-hints.ts'

/** The largest .torrent file and info dictionary that is read, in bytes. Whoever reads a file checks its size first. */
export const METAINFO_MAX_BYTES = 10_000_000

/**
 * Reads a .torrent file (BEP 3, 5, 12, 19, 27, 38, 47, 52). The info-hashes are taken over the bytes as received, piece layers are checked
 * against their roots, and the result holds views of `bytes`. Throws TORRENT_INVALID, TORRENT_UNSUPPORTED, PATH_REFUSED or LIMIT_EXCEEDED with the
 * field in its message. Malformed trackers, web seeds, nodes, hints and remarks only cost themselves: they are left out and told in
 * `warnings`.
 */
export function decodeMetainfo(bytes: Uint8Array): Metainfo {
  const top = decodeTop(bytes)
  const infoView = top.get('info')
  if (infoView === undefined) throw invalidTorrent('info is missing')
  const content = readInfo(infoView)
  const warnings: string[] = []
  const layers = content.v2 === undefined ? undefined : readPieceLayers(top.get('piece layers'), content.v2.info)
  // A hybrid can go by its v1 hashes.
  if (layers !== undefined && layers.missing > 0 && content.info.pieceHashes === undefined) warnings.push(missingLayers(layers.missing))
  const around = readAround(top, warnings)
  const httpSeeds = readWebSeeds(around, 'httpseeds', warnings)
  const hints = mergeHints([content.hints, readHints(top)])
  if (hints !== undefined && hints.ignored > 0) warnings.push(ignoredHints(hints.ignored))
  return {
    ...content,
    ...(hints === undefined ? {} : { hints }),
    pieceLayers: layers?.byRoot ?? new Map(),
    trackers: readTrackers(around, warnings),
    webSeeds: readWebSeeds(around, 'url-list', warnings),
    ...(httpSeeds.length === 0 ? {} : { httpSeeds }),
    nodes: readNodes(around, warnings),
    comment: remark(around, 'comment'),
    createdBy: remark(around, 'created by'),
    creationDate: creationDate(around),
    ...(warnings.length > 0 ? { warnings } : {}),
  }
}

const DICTIONARY = 0x64
const LONGEST_REMARK = 4_096
/** The last second that a Date can hold. */
const LAST_SECOND = 8_640_000_000_000

/** What stands around `info` and is used, far more of it than honest torrents hold. */
const AROUND = ['announce', 'announce-list', 'url-list', 'httpseeds', 'nodes', 'comment', 'created by', 'creation date']
const MOST_AROUND = 50_000

function decodeTop(bytes: Uint8Array): TorrentFields {
  if (bytes.length > METAINFO_MAX_BYTES) {
    const hint = 'Is it really a .torrent file, and not the content itself?'
    throw new DistroError('LIMIT_EXCEEDED', `A torrent of ${bytes.length} bytes is more than the limit of ${METAINFO_MAX_BYTES}.`, { hint })
  }
  if (bytes[0] !== DICTIONARY) throw notTorrent(bytes)
  const result = BencodeView.scan(bytes)
  if (!result.ok) {
    const tolerant = BencodeView.scan(bytes, { canonical: false })
    if (!tolerant.ok) throw invalidTorrent(result.fault)
    throw notCanonical(new TorrentFields(tolerant.value, 'the top').get('info'), result.fault)
  }
  const length = result.value.end
  // Editors and shells end a file with a line break; it changes nothing that is hashed.
  const rest = Buffer.from(bytes.subarray(length, length + 3)).toString('latin1')
  if (rest !== '' && rest !== '\n' && rest !== '\r\n')
    throw invalidTorrent(`${bytes.length - length} bytes follow its end at byte ${length}`)
  return new TorrentFields(result.value, 'the top')
}

function missingLayers(count: number): string {
  const [files, they] = count === 1 ? ['A file of the torrent has', 'it'] : [`${count} files of the torrent have`, 'they']
  return `${files} no piece layer: without hashes from peers ${they} can only be checked as a whole.`
}

function ignoredHints(count: number): string {
  const hints = count === 1 ? 'hint of the torrent at a similar one' : 'hints of the torrent at similar ones'
  return `${count} ${hints} ignored: only info-hashes and names of 1 to 255 bytes are used, at most 100 of each.`
}

function readAround(top: TorrentFields, warnings: string[]): BencodeDictionary {
  const around = new Map<string, Bencode>()
  for (const key of AROUND) {
    const value = top.get(key)?.build(MOST_AROUND)
    if (value !== undefined) around.set(key, value)
    else if (top.has(key)) warnings.push(`The ${key} of the torrent is ignored: it holds more than ${MOST_AROUND} values.`)
  }
  return around
}

function notTorrent(bytes: Uint8Array): DistroError {
  const start = Buffer.from(bytes.subarray(0, 16)).toString('utf8').trim().split(/\s/)[0] ?? ''
  const what = bytes.length === 0 ? 'it is empty' : `it starts with ${quoteName(start)}`
  const hint = hintFor(start)
  return new DistroError('TORRENT_INVALID', `This is not a torrent: ${what}.`, { hint })
}

function hintFor(start: string): string {
  if (start.startsWith('<')) return 'It looks like a web page: was a login needed to download it?'
  if (start.startsWith('magnet:')) return 'It holds a magnet: give that itself, for example with "$(cat FILE)".'
  return 'Check that the right file was named.'
}

function remark(around: BencodeDictionary, key: string): string | undefined {
  return asText(around.get(key))?.slice(0, LONGEST_REMARK)
}

function creationDate(around: BencodeDictionary): number | undefined {
  const seconds = asInteger(around.get('creation date'))
  return seconds !== undefined && seconds >= 0 && seconds <= LAST_SECOND ? seconds : undefined
}
