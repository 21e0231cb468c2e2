import { type IncomingMessage, type RequestOptions, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { DistroError } from '../../base/errors.ts'
import { mayDial, scopeOf } from '../../base/network-scope.ts'
import { openFileLimit } from '../../base/open-file-limit.ts'
import { VERSION } from '../../base/version.ts'
import { resolveHost } from '../../discovery/resolve-host.ts'
import { METAINFO_MAX_BYTES } from '../../torrent/metainfo.ts'
import { serverFault } from './server-fault.ts'

const MOST_REDIRECTS = 3
/** Nothing has come for this long: the server is given up. */
const SILENCE_MS = 15_000
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

/**
 * The bytes behind an http or https URL of a .torrent, at most 10 MB of them. The address that a person typed may lie anywhere;
 * a redirect never leads from the Internet into a private network or onto this machine, nor from https to http, and there are
 * three of them at most. Throws NETWORK_FAILED, NAME_NOT_FOUND, LIMIT_EXCEEDED, or the reason of `signal`.
 */
export async function downloadTorrent(address: string, signal: AbortSignal): Promise<Uint8Array> {
  let url = new URL(address)
  let mustBePublic = false
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
    const hosts = await addressesOf(url, mustBePublic)
    const response = await get(url, hosts, signal)
    const { statusCode = 0, headers } = response
    if (!REDIRECTS.has(statusCode) || headers.location === undefined) return await readBody(url, response, signal)
    response.destroy()
    mustBePublic ||= scopeOf(hosts) === 'public'
    url = redirected(url, headers.location)
  }
  throw new DistroError('NETWORK_FAILED', `${shown(url)} was reached by more than ${MOST_REDIRECTS} redirects.`, {
    hint: 'Give the URL at which they end.',
  })
}

async function addressesOf(url: URL, mustBePublic: boolean): Promise<readonly string[]> {
  const name = url.hostname.replace(/^\[|\]$/g, '')
  const hosts = await resolveHost(name, 0)
  if (hosts.length === 0) {
    throw new DistroError('NAME_NOT_FOUND', `The name ${name} of ${shown(url)} does not resolve.`, {
      hint: 'Check the name and the network.',
    })
  }
  const allowed = mustBePublic ? hosts.filter((host) => mayDial({ host, port: 80 }, 'public')) : hosts
  if (allowed.length > 0) return allowed
  throw new DistroError('NETWORK_FAILED', `A redirect leads from the Internet to ${shown(url)}, which is on a private network.`, {
    hint: 'Give that URL itself if it is meant.',
  })
}

/** Connects only to `hosts`, which were checked: the name is not resolved a second time, when it could lead elsewhere. */
function get(url: URL, hosts: readonly string[], signal: AbortSignal): Promise<IncomingMessage> {
  const lookup: LookupFunction = (_name, options, done) => {
    const found = hosts.map((address) => ({ address, family: isIP(address) }))
    const [first] = found
    if (options.all === true || first === undefined) done(null, found)
    else done(null, first.address, first.family)
  }
  const options: RequestOptions = {
    lookup,
    signal,
    agent: false,
    timeout: SILENCE_MS,
    maxHeaderSize: 64 * 1024,
    headers: { 'accept-encoding': 'identity', 'user-agent': `distro/${VERSION}` },
  }
  return new Promise((resolve, reject) => {
    const request = url.protocol === 'https:' ? requestHttps(url, options) : requestHttp(url, options)
    request.on('response', resolve)
    request.on('timeout', () =>
      request.destroy(new DistroError('NETWORK_FAILED', `${shown(url)} went silent for ${SILENCE_MS / 1_000} s.`)),
    )
    request.on('error', (cause) => reject(signal.aborted ? signal.reason : asNetworkError(url, cause)))
    request.end()
  })
}

async function readBody(url: URL, response: IncomingMessage, signal: AbortSignal): Promise<Uint8Array> {
  const { statusCode = 0 } = response
  if (statusCode !== 200) {
    response.destroy()
    throw new DistroError('NETWORK_FAILED', `${shown(url)} answered ${statusCode} ${response.statusMessage ?? ''}`.trimEnd().concat('.'), {
      hint: statusCode === 401 || statusCode === 403 ? 'It may want a login: download the .torrent in a browser.' : 'Check the URL.',
    })
  }
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      bytes += chunk.length
      if (bytes > METAINFO_MAX_BYTES) throw tooLarge(url)
      chunks.push(chunk)
    }
  } catch (cause) {
    throw signal.aborted ? signal.reason : asNetworkError(url, cause)
  }
  return Buffer.concat(chunks)
}

function redirected(from: URL, location: string): URL {
  const target = URL.canParse(location, from.href) ? new URL(location, from.href) : undefined
  const isAllowed = target?.protocol === 'https:' || (target?.protocol === 'http:' && from.protocol === 'http:')
  if (target !== undefined && isAllowed) return target
  throw new DistroError('NETWORK_FAILED', `${shown(from)} redirects to what is not a web address, or from https to http.`, {
    hint: 'Give the URL of the .torrent itself.',
  })
}

function tooLarge(url: URL): DistroError {
  return new DistroError('LIMIT_EXCEEDED', `${shown(url)} is larger than 10 MB and cannot be a .torrent.`, {
    hint: 'Is it the URL of the content itself?',
  })
}

function asNetworkError(url: URL, cause: unknown): DistroError {
  if (cause instanceof DistroError) return cause
  return new DistroError('NETWORK_FAILED', `${shown(url)} cannot be read: ${serverFault(cause)}.`, {
    hint: openFileLimit(cause)?.hint ?? 'Check the URL and the network.',
    cause,
  })
}

/** The URL without what may be secret in it. */
function shown(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}`
}
