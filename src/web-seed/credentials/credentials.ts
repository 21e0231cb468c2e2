import type { NamedBy } from '../web-seed.ts'
import { type NetrcEntry, netrcEntryFor } from './netrc.ts'

/** The headers that a request to `url` with these `headers` needs beside them, so that it is allowed; names in lower case. */
export type Authorize = (url: URL, headers: Readonly<Record<string, string>>) => Readonly<Record<string, string>>

/** Where credentials come from. */
export interface CredentialSources {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly netrc: readonly NetrcEntry[]
}

/**
 * Who we are to the origin of `base`, and to no other: what its environment variable says (`authorizationVariable`), else the user
 * and password in the URL, else those of netrc. For a URL that a stranger named only over https, where the certificate proves who
 * asks, without the default entry of netrc, and not where it has a query: nobody else decides what is asked in our name.
 */
export function authorizeWith(base: URL, namedBy: NamedBy, sources: CredentialSources): Authorize {
  const authorization = authorizationFor(base, namedBy, sources)
  if (authorization === undefined) return () => ({})
  return ({ origin }) => (origin === base.origin ? { authorization } : {})
}

/**
 * The environment variable whose value is sent to a host as its Authorization header: `DISTRO_WEB_SEED_AUTH_` and the host in
 * capitals, with `__` for a dash, `_` for any other mark, and the port behind it where it is not the usual one.
 */
export function authorizationVariable(url: URL): string {
  return `DISTRO_WEB_SEED_AUTH_${url.host
    .replaceAll('-', '__')
    .replace(/[^A-Za-z0-9_]+/g, '_')
    .toUpperCase()}`
}

/** What the user and the password in a URL say, either of which may be empty, as the value of a header; undefined where there is neither. */
export function userAuthorization({ username, password }: URL): string | undefined {
  return username === '' && password === '' ? undefined : basic(percentDecoded(username), percentDecoded(password))
}

function authorizationFor(base: URL, namedBy: NamedBy, { env, netrc }: CredentialSources): string | undefined {
  const isOwn = namedBy === 'operator'
  if (!isOwn && (base.protocol !== 'https:' || base.search !== '')) return undefined
  const whole = env[authorizationVariable(base)]
  if (whole !== undefined && whole !== '') return whole
  const inUrl = userAuthorization(base)
  if (inUrl !== undefined) return isOwn ? inUrl : undefined
  const entry = netrcEntryFor(netrc, base.hostname, isOwn)
  return entry === undefined ? undefined : basic(entry.login, entry.password)
}

function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
