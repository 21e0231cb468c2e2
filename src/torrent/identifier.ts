import { DistroError } from '../base/errors.ts'
import { parseInfoHash, parseTaggedInfoHash } from './info-hash.ts'
import { type Magnet, parseMagnet } from './magnet.ts'
import { quoteName } from './quote-name.ts'

/** What the `<id>` of `fetch` and `info` turned out to be. */
export type Identifier =
  | { readonly kind: 'magnet'; readonly magnet: Magnet }
  | { readonly kind: 'info-hash'; readonly infoHash: Uint8Array }
  | { readonly kind: 'v2-info-hash'; readonly infoHashV2: Uint8Array }
  | { readonly kind: 'url'; readonly url: string }
  | { readonly kind: 'path'; readonly path: string }

/**
 * Says what an `<id>` is by its form alone, so that it never depends on which files exist: a magnet, an info-hash of 40 hexadecimal
 * or 32 base32 characters, a v2 info-hash of 64 hexadecimal characters with or without the tag 1220, an http or https URL, else the path
 * of a .torrent file. A file whose name looks like one of the others is written with `./` before it. Throws USAGE, MAGNET_INVALID,
 * TORRENT_UNSUPPORTED or LIMIT_EXCEEDED.
 */
export function parseIdentifier(text: string): Identifier {
  const id = text.trim()
  if (/^["']?(?:stream-)?magnet:/i.test(id)) return { kind: 'magnet', magnet: parseMagnet(text) }
  const infoHash = parseInfoHash(id)
  if (infoHash !== undefined) return { kind: 'info-hash', infoHash }
  const infoHashV2 = parseTaggedInfoHash(id.length === 64 ? `1220${id}` : id)
  if (infoHashV2 !== undefined) return { kind: 'v2-info-hash', infoHashV2 }
  const wanted = nearlyInfoHash(id)
  if (wanted !== undefined) {
    throw new DistroError('MAGNET_INVALID', `${quoteName(id)} is not an info-hash, which must be ${wanted}.`, {
      hint: 'If it is the name of a file, write ./ before it.',
    })
  }
  if (/^urn:bt[im]h:/i.test(id)) {
    throw new DistroError('MAGNET_INVALID', `${quoteName(id)} is only a part of a magnet.`, { hint: 'Write magnet:?xt= before it.' })
  }
  if (/^https?:\/\//i.test(id)) return { kind: 'url', url: urlFrom(id) }
  if (id === '' || id.startsWith('-') || /^[a-z][a-z0-9+.-]+:\/\//i.test(id) || id.includes('\0')) {
    throw usage(`${quoteName(id)} is not a magnet, an info-hash, an http or https URL, or the path of a .torrent file.`)
  }
  return { kind: 'path', path: text }
}

/** What an info-hash would be that looks like `id`; undefined if none does. */
function nearlyInfoHash(id: string): string | undefined {
  if (/^(?:[0-9A-Za-z]{40}|[0-9A-Za-z]{32}|[0-9A-Fa-f]{38,42})$/.test(id)) return '40 hexadecimal or 32 base32 characters'
  return /^(?:1220)?[0-9A-Fa-f]{62,66}$/.test(id) ? '64 hexadecimal characters in v2' : undefined
}

function urlFrom(id: string): string {
  if (!URL.canParse(id)) throw usage(`${quoteName(id)} is not a well-formed URL.`)
  return new URL(id).href
}

function usage(sentence: string): DistroError {
  return new DistroError('USAGE', sentence, { hint: 'See the examples of --help; a file whose name starts with "-" is written ./-name.' })
}
