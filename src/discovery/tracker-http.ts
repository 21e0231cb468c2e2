import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http'
import type { Clock } from '../base/clock.ts'
import { type Decoded, decoded, undecodable } from '../base/decoded.ts'
import { type NetworkScope, scopeOf } from '../base/network-scope.ts'
import { openFileLimit } from '../base/open-file-limit.ts'
import { scopedLookup } from './scoped-lookup.ts'
import type { TrackerAnnounce, TrackerClient, TrackerReply } from './tracker-announce.ts'
import { decodeTrackerHttpReply, MAX_TRACKER_REPLY_BYTES } from './tracker-http-reply.ts'
import { isWithinReach } from './tracker-reach.ts'

const TIMEOUT_MS = 20_000
const MAX_REDIRECTS = 3

/** What one request brought. */
interface Response {
  readonly status: number
  readonly location: string | undefined
  readonly body: Uint8Array
  /** How far the address reaches that answered. */
  readonly scope: NetworkScope
}

/**
 * A tracker over HTTP or HTTPS (BEP 3, 7, 23). Follows at most 3 redirects, never from HTTPS to HTTP and never from a public address to one
 * inside a network; reads at most 1 MiB; gives up after 20 s.
 */
export class TrackerHttp implements TrackerClient {
  readonly #url: URL
  readonly #clock: Clock
  readonly #scope: NetworkScope
  #trackerId: Uint8Array | undefined

  /** Addresses narrower than `scope` are not asked. */
  constructor(url: URL, clock: Clock, scope: NetworkScope = 'host') {
    this.#url = url
    this.#clock = clock
    this.#scope = scope
  }

  async announce(announce: TrackerAnnounce, signal: AbortSignal): Promise<Decoded<TrackerReply>> {
    const timeout = new AbortController()
    const timer = this.#clock.after(TIMEOUT_MS, () => timeout.abort())
    try {
      return await this.#follow(announceUrl(this.#url, announce, this.#trackerId), AbortSignal.any([signal, timeout.signal]))
    } catch (error) {
      return undecodable(timeout.signal.aborted ? `it gave no answer within ${TIMEOUT_MS / 1_000} s` : reasonOf(error))
    } finally {
      timer.cancel()
    }
  }

  async #follow(first: URL, signal: AbortSignal): Promise<Decoded<TrackerReply>> {
    let url = first
    let scope = this.#scope
    if (!isWithinReach(first, scope)) return undecodable('it stands inside a network, and its URL is not that of a tracker')
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
      const response = await get(url, scope, signal)
      if (response.status < 300 || response.status >= 400) return this.#read(response)
      const next = redirectOf(url, response.location)
      if (next === undefined) return undecodable('it redirects to where we do not follow')
      url = next
      scope = response.scope
      if (!isWithinReach(url, scope)) return undecodable('it redirects from a public address to one inside a network')
    }
    return undecodable(`it redirects more than ${MAX_REDIRECTS} times`)
  }

  #read({ status, body }: Response): Decoded<TrackerReply> {
    const reply = decodeTrackerHttpReply(body)
    if (reply.ok && status === 200) {
      this.#trackerId = reply.value.trackerId ?? this.#trackerId
      return decoded(reply.value)
    }
    return status === 200 || (!reply.ok && reply.fault.startsWith('it says')) ? reply : undecodable(`it answers with HTTP status ${status}`)
  }
}

function announceUrl(tracker: URL, announce: TrackerAnnounce, trackerId: Uint8Array | undefined): URL {
  const parameters = [
    `info_hash=${percentEncoded(announce.infoHash)}`,
    `peer_id=${percentEncoded(announce.peerId)}`,
    `port=${announce.listenPort}`,
    `uploaded=${announce.uploadedBytes}`,
    `downloaded=${announce.downloadedBytes}`,
    `left=${announce.bytesLeft}`,
    'compact=1',
    `numwant=${announce.peersWanted}`,
    `key=${announce.key.toString(16).padStart(8, '0')}`,
    ...(announce.event === undefined ? [] : [`event=${announce.event}`]),
    ...(trackerId === undefined ? [] : [`trackerid=${percentEncoded(trackerId)}`]),
  ]
  const url = new URL(tracker)
  url.hash = ''
  url.search = `${url.search === '' ? '?' : `${url.search}&`}${parameters.join('&')}`
  return url
}

/** Every byte as `%XX` but the unreserved ones of RFC 3986, which is what trackers compare. */
function percentEncoded(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => {
    const character = String.fromCharCode(byte)
    return /[A-Za-z0-9._~-]/.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }).join('')
}

function redirectOf(from: URL, location: string | undefined): URL | undefined {
  if (location === undefined || !URL.canParse(location, from.href)) return undefined
  const url = new URL(location, from)
  const isDowngrade = from.protocol === 'https:' && url.protocol !== 'https:'
  return isDowngrade || (url.protocol !== 'http:' && url.protocol !== 'https:') ? undefined : url
}

async function get(url: URL, scope: NetworkScope, signal: AbortSignal): Promise<Response> {
  const options: RequestOptions = {
    agent: false,
    signal,
    lookup: scopedLookup(scope),
    headers: { 'user-agent': 'distro', 'accept-encoding': 'identity', connection: 'close' },
  }
  // Loaded here, since most transfers have no tracker and TLS is slow to load.
  const asked =
    url.protocol === 'https:' ? (await import('node:https')).request(url, options) : (await import('node:http')).request(url, options)
  asked.end()
  const response = await responseOf(asked)
  try {
    const reach = scopeOf([response.socket.remoteAddress ?? ''])
    return { status: response.statusCode ?? 0, location: response.headers.location, body: await bodyOf(response), scope: reach }
  } finally {
    asked.destroy()
  }
}

function responseOf(request: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once('response', resolve)
    // Stays: a connection may also break later, when the reader of the body is told by its own error.
    request.on('error', reject)
  })
}

async function bodyOf(response: IncomingMessage): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of response as AsyncIterable<Uint8Array>) {
    length += chunk.length
    if (length > MAX_TRACKER_REPLY_BYTES) return new Uint8Array()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'its name was not found'
  if (code === 'ECONNREFUSED') return 'nothing listens there'
  if (code === 'ABORT_ERR') return 'we left before it answered'
  return openFileLimit(error)?.reason ?? `the connection failed (${typeof code === 'string' ? code : 'unknown reason'})`
}
