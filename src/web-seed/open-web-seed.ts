import type { LookupFunction } from 'node:net'
import type { Clock } from '../base/clock.ts'
import { DistroError } from '../base/errors.ts'
import { acceptUrl, WEB_SEED_PROTOCOLS } from '../torrent/accept-url.ts'
import { PieceGeometry } from '../torrent/piece-geometry.ts'
import { quoteName } from '../torrent/quote-name.ts'
import { HttpConnections } from './connections/http-connections.ts'
import { readProxies } from './connections/proxies.ts'
import type { WebSeedContent } from './content.ts'
import { signedHeaders } from './credentials/aws-signature.ts'
import { type Authorize, authorizeWith } from './credentials/credentials.ts'
import type { NetrcEntry } from './credentials/netrc.ts'
import { queryFault } from './credentials/query-fault.ts'
import { redactUrl } from './credentials/redact-url.ts'
import { s3Location } from './credentials/s3-location.ts'
import { folderPath } from './folder/folder-path.ts'
import { FolderWebSeed } from './folder/folder-web-seed.ts'
import { HttpWebSeed, type HttpWebSeedParts } from './http/http-web-seed.ts'
import { PieceWebSeed } from './http/piece-web-seed.ts'
import { WEB_SEED_TIME_OUTS, type WebSeedTimeOuts } from './time-outs.ts'
import type { NamedBy, WebSeed } from './web-seed.ts'

/** What a web seed is opened with. */
export interface WebSeedParts {
  readonly content: WebSeedContent
  readonly clock: Clock
  /** The time of day. */
  now(): Date
  /** Proxies, credentials and object stores are named in it. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** The working folder, from which relative paths lead; absolute. */
  readonly cwd: string
  readonly netrc?: readonly NetrcEntry[]
  /** The usual ones when absent. */
  readonly timeOuts?: Partial<WebSeedTimeOuts>
  /** The system's when absent. */
  readonly lookup?: LookupFunction
  /** Certificate authorities in PEM, in place of the system's. */
  readonly authorities?: string
}

/**
 * The web seed that `text` names. Anybody may name an http or https URL (BEP 19), or one with `bep17+` before it; only the operator
 * one with a user and a password in it, a folder (`file:` URL, an absolute path, or one that begins with `./` or `../`), or a bucket
 * (`s3://bucket/prefix`). Nothing is asked yet. Throws USAGE for what the operator named, TORRENT_INVALID or MAGNET_INVALID for others.
 */
export function openWebSeed(text: string, namedBy: NamedBy, parts: WebSeedParts): WebSeed {
  const { content, clock } = parts
  const geometry = new PieceGeometry(content.info)
  const shared = { content, clock, geometry, timeOuts: { ...WEB_SEED_TIME_OUTS, ...parts.timeOuts } }
  const isOwn = namedBy === 'operator'
  const path = isOwn ? folderPath(text, parts.cwd) : undefined
  if (path !== undefined) return new FolderWebSeed({ ...shared, path })
  if (isOwn && /^s3:/i.test(text)) {
    const { base, identity } = s3Location(text, parts.env)
    const authorize: Authorize = (url, headers) => (url.origin === base.origin ? signedHeaders(url, headers, identity, parts.now()) : {})
    return new HttpWebSeed({ ...httpParts(parts, base, namedBy, shared), label: text, authorize })
  }
  const isByPiece = text.startsWith(BY_PIECE)
  const base = httpUrl(isByPiece ? text.slice(BY_PIECE.length) : text, namedBy, content, isByPiece)
  const http = httpParts(parts, base, namedBy, shared)
  return isByPiece ? new PieceWebSeed({ ...http, label: `${BY_PIECE}${http.label}` }) : new HttpWebSeed(http)
}

/**
 * Throws USAGE for what the operator named wrongly, as `openWebSeed` would: before there is a content, as far as that can be told without
 * it.
 */
export function checkWebSeed(text: string, parts: Pick<WebSeedParts, 'env' | 'cwd'>, content: WebSeedContent | undefined): void {
  if (folderPath(text, parts.cwd) !== undefined) return
  readProxies(parts.env)
  if (/^s3:/i.test(text)) {
    s3Location(text, parts.env)
    return
  }
  const isByPiece = text.startsWith(BY_PIECE)
  httpUrl(isByPiece ? text.slice(BY_PIECE.length) : text, 'operator', content, isByPiece)
}

const BY_PIECE = 'bep17+'

function httpParts(
  parts: WebSeedParts,
  base: URL,
  namedBy: NamedBy,
  shared: Pick<HttpWebSeedParts, 'content' | 'geometry' | 'clock' | 'timeOuts'>,
): HttpWebSeedParts {
  const connections = new HttpConnections({
    clock: shared.clock,
    connectMs: shared.timeOuts.connectMs,
    proxies: readProxies(parts.env),
    ...(parts.lookup === undefined ? {} : { lookup: parts.lookup }),
    ...(parts.authorities === undefined ? {} : { authorities: parts.authorities }),
  })
  return {
    ...shared,
    label: redactUrl(base),
    base: withoutUser(base),
    namedBy,
    authorize: authorizeWith(base, namedBy, { env: parts.env, netrc: parts.netrc ?? [] }),
    connections,
    now: () => parts.now(),
  }
}

function withoutUser(base: URL): URL {
  const url = new URL(base)
  url.username = ''
  url.password = ''
  return url
}

function httpUrl(text: string, namedBy: NamedBy, content: WebSeedContent | undefined, isByPiece: boolean): URL {
  const accepted = acceptUrl(text, WEB_SEED_PROTOCOLS)
  if (accepted === undefined) {
    throw refusal(
      namedBy,
      `${named(text)} is not a well-formed URL of http or https.`,
      `Write it as https://mirror.example/folder/ or s3://bucket/prefix/; a folder of this machine begins with / or ./, such as ${likelyFolder(text)}.`,
    )
  }
  const url = new URL(accepted)
  if (namedBy !== 'operator' && (url.username !== '' || url.password !== '')) {
    throw refusal(namedBy, `The web seed ${redactUrl(url)} has a user or a password in it.`, 'Name it with --web-seed if you trust it.')
  }
  const fault = content?.info.isSingleFile === false && !isByPiece ? queryFault(url) : undefined
  if (fault !== undefined) throw refusal(namedBy, fault.message, fault.hint)
  return url
}

/** `text` as a folder, if that is what it may have been meant to be. */
function likelyFolder(text: string): string {
  return /^[\w.-]+(?:\/[\w.-]+)*\/?$/.test(text) ? `./${text}` : './folder'
}

/** What may hold a password in no known place is not shown. */
function named(text: string): string {
  if (URL.canParse(text) && new URL(text).host !== '') return `The web seed ${redactUrl(text)}`
  return /[@?#]/.test(text) ? 'A web seed' : `The web seed ${quoteName(text)}`
}

function refusal(namedBy: NamedBy, message: string, hint: string): DistroError {
  return new DistroError(CODES[namedBy], message, { hint })
}

const CODES = { operator: 'USAGE', torrent: 'TORRENT_INVALID', magnet: 'MAGNET_INVALID' } as const
