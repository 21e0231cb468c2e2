import { ipBytes, ipText } from '../../base/ip-address.ts'
import { mayDial, type NetworkScope } from '../../base/network-scope.ts'
import type { NamedBy } from '../web-seed.ts'
import { meanings } from './embedded-ipv4.ts'

/** Which addresses may be asked. */
export interface AddressRules {
  /** Addresses narrower than this are not asked. */
  readonly scope: NetworkScope
  /** The one link-local or metadata address that may be, because the operator typed it. */
  readonly typedHost: string | undefined
  /** Why narrower addresses are not asked; undefined where none are narrower. */
  readonly because: 'query' | 'redirect' | undefined
}

/**
 * The rules for the first request to `url`. What a stranger names may stand inside our network, but is not asked for anything
 * there that the stranger can make up freely, which a query is.
 */
export function firstRules(url: URL, namedBy: NamedBy): AddressRules {
  if (namedBy === 'operator') return { scope: 'host', typedHost: hostOf(url), because: undefined }
  const hasQuery = url.search !== ''
  return { scope: hasQuery ? 'public' : 'host', typedHost: undefined, because: hasQuery ? 'query' : undefined }
}

/** The rules after a redirect by a server at an address that reaches as far as `reached`: from outside, nobody is led inside. */
export function redirectRules(rules: AddressRules, to: URL, namedBy: NamedBy, reached: NetworkScope): AddressRules {
  const { scope: own, because } = firstRules(to, namedBy)
  const scope = broaderScope(own, reached)
  const typedHost = rules.typedHost === hostOf(to) ? rules.typedHost : undefined
  return { scope, typedHost, because: scope === own ? because : 'redirect' }
}

/** The one of two that reaches further. */
export function broaderScope(one: NetworkScope, other: NetworkScope): NetworkScope {
  return BREADTH[one] > BREADTH[other] ? one : other
}

/**
 * True if `address` may be asked under `rules`. IPv4 inside IPv6 counts as the IPv4 address (`meanings`). Link-local addresses, and those at which
 * clouds hand out credentials, are only asked when they were typed.
 */
export function mayAsk(address: string, rules: AddressRules): boolean {
  const bytes = judgedBytes(address)
  if (bytes === undefined) return false
  if (isGuarded(bytes)) return rules.typedHost !== undefined && ipText(bytes) === canonical(rules.typedHost)
  return mayDial({ host: ipText(bytes), port: 1 }, rules.scope)
}

/** Why `address` may not be asked under `rules`, to follow the name of the host. */
export function reasonNotToAsk(address: string, { because }: AddressRules): string {
  const bytes = judgedBytes(address)
  if (bytes !== undefined && isGuarded(bytes)) {
    return 'is link-local, or where a cloud hands out credentials, and is asked only for a URL that you name with that very address in it'
  }
  if (bytes === undefined || standing(bytes) === 0 || because === undefined) return 'has no address that could be asked'
  if (because === 'redirect') return 'is nearer to us than the server that redirects there, which must not lead us inside'
  return 'is inside our network, where a URL with a query that a torrent or a magnet names is not asked; name it with --web-seed if you trust it'
}

/** How far an address reaches that was asked; a guarded one reaches no further than this machine. */
export function reachOf(address: string): NetworkScope {
  const bytes = judgedBytes(address)
  if (bytes === undefined || isGuarded(bytes)) return 'host'
  return SCOPES.find((scope) => mayDial({ host: ipText(bytes), port: 1 }, scope)) ?? 'host'
}

/** The host of a URL without the brackets of IPv6. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '')
}

const BREADTH: Readonly<Record<NetworkScope, number>> = { host: 0, private: 1, public: 2 }
const SCOPES: readonly NetworkScope[] = ['public', 'private', 'host']

/**
 * Where Azure, Alibaba, Oracle, Amazon (over IPv6, and for pods of EKS) and Google (over IPv6) answer to whoever asks from inside; over
 * IPv4 the others use link-local addresses.
 */
const METADATA_SERVICES: ReadonlySet<string> = new Set([
  '168.63.129.16',
  '100.100.100.200',
  '192.0.0.192',
  'fd00:ec2::254',
  'fd00:ec2::23',
  'fd20:ce::254',
])

function canonical(host: string): string | undefined {
  const bytes = judgedBytes(host)
  return bytes === undefined ? undefined : ipText(bytes)
}

/** The bytes by which an address is judged: of all that it may lead to, those that may be asked least. */
function judgedBytes(address: string): Uint8Array | undefined {
  const bytes = ipBytes(address.replace(/%.*$/, ''))
  if (bytes === undefined) return undefined
  return meanings(bytes).reduce((least, other) => (standing(other) < standing(least) ? other : least))
}

/** How readily an address is asked: not at all, only when typed, and then by its reach. */
function standing(bytes: Uint8Array): number {
  if (isGuarded(bytes)) return 1
  const reach = SCOPES.find((scope) => mayDial({ host: ipText(bytes), port: 1 }, scope))
  return reach === undefined ? 0 : 2 + BREADTH[reach]
}

function isGuarded(bytes: Uint8Array): boolean {
  const [first = 0, second = 0] = bytes
  const isLinkLocal = bytes.length === 4 ? first === 169 && second === 254 : first === 0xfe && (second & 0xc0) === 0x80
  return isLinkLocal || METADATA_SERVICES.has(ipText(bytes))
}
