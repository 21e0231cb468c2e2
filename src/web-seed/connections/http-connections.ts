import { lookup as systemLookup } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import type { buildConnector, Dispatcher, Pool } from 'undici'
import type { Clock } from '../../base/clock.ts'
import { DistroError } from '../../base/errors.ts'
import type { NetworkScope } from '../../base/network-scope.ts'
import { userAuthorization } from '../credentials/credentials.ts'
import { redactUrl } from '../credentials/redact-url.ts'
import { type AddressRules, broaderScope, hostOf, mayAsk, reachOf } from './address-rules.ts'
import { connectEndingAfterAll } from './end-after-all.ts'
import { guardedConnect, guardedLookup, refusedAddress } from './guarded-connect.ts'
import { plainConnect } from './plain-connect.ts'
import type { Proxies } from './proxies.ts'

/** What connections to a server are made with. */
export interface ConnectionParts {
  readonly clock: Clock
  readonly connectMs: number
  readonly proxies: Proxies
  /** Finds addresses of names; the system's when absent. */
  readonly lookup?: LookupFunction
  /** Certificate authorities in PEM, in place of the system's. */
  readonly authorities?: string
}

/** The connections of one web seed: kept while they are of use, and one pool for each set of rules, so that none is used under other rules. */
export class HttpConnections {
  readonly #parts: ConnectionParts
  readonly #lookup: LookupFunction
  readonly #pools = new Map<string, Dispatcher>()
  /** How far the furthest-reaching address reaches at which an origin was ever asked under some rules. */
  readonly #reached = new Map<string, NetworkScope>()
  /** What was found of names before a proxy was asked for them, under some rules. */
  readonly #judged = new Map<string, Promise<void>>()
  #client: Promise<typeof import('undici')> | undefined
  #isClosed = false

  constructor(parts: ConnectionParts) {
    this.#parts = parts
    this.#lookup = parts.lookup ?? (systemLookup as LookupFunction)
  }

  /** Who sends requests to `url`. Throws NETWORK_FAILED for a host that `rules` forbid, or what the system says of its name. */
  async dispatcherFor(url: URL, rules: AddressRules): Promise<Dispatcher> {
    const host = hostOf(url)
    if (isIP(host) !== 0 && !mayAsk(host, rules)) throw refusedAddress(host, host, rules)
    const proxy = this.#parts.proxies.proxyFor(url)
    if (proxy !== undefined && isIP(host) === 0) await this.#judgeName(host, rules)
    // Loaded here, since most transfers ask no web seed.
    this.#client ??= import('undici')
    const { Agent, Pool, ProxyAgent, buildConnector } = await this.#client
    if (this.#isClosed) throw new DistroError('NETWORK_FAILED', 'Nothing is asked any more.')
    const { authorities } = this.#parts
    const trust = authorities === undefined ? {} : { ca: authorities }
    const limits = { headersTimeout: 0, bodyTimeout: 0, maxHeaderSize: MAX_HEADER_BYTES }
    if (proxy !== undefined) {
      const tls = { ...trust, timeout: this.#parts.connectMs }
      const token = userAuthorization(proxy)
      const factory = (origin: string | URL, { connect, ...rest }: ProxiedOptions): Dispatcher =>
        new Pool(origin, { ...limits, ...rest, connect: connectEndingAfterAll(connect) })
      const options = { ...limits, uri: proxy.origin, proxyTunnel: false, requestTls: tls, proxyTls: tls, factory }
      return this.#pool(proxy.href, () => new ProxyAgent(token === undefined ? options : { ...options, token }))
    }
    return this.#pool(keyOf(rules), () => {
      const lookup = guardedLookup(this.#lookup, rules)
      const plain = plainConnect(this.#parts.connectMs, lookup)
      const secure = buildConnector({ ...trust, timeout: this.#parts.connectMs, allowH2: true, lookup })
      const either: typeof plain = (options, done) => (options.protocol === 'https:' ? secure(options, done) : plain(options, done))
      const connect = guardedConnect(either, rules, (origin, address) => this.#noteReach(keyOf(rules, origin), reachOf(address)))
      const windows = { initialWindowSize: STREAM_WINDOW_BYTES, connectionWindowSize: CONNECTION_WINDOW_BYTES }
      return new Agent({ ...limits, ...windows, allowH2: true, connect })
    })
  }

  /**
   * How far the server reaches that answered for `url` under `rules`: a name may have several addresses, and several connections at a
   * time, so it is the furthest of all that it ever had. Behind a proxy, names count as public.
   */
  reachedAt(url: URL, rules: AddressRules): NetworkScope {
    const host = hostOf(url)
    return this.#reached.get(keyOf(rules, url.origin)) ?? (isIP(host) === 0 ? 'public' : reachOf(host))
  }

  /** The proxy through which `url` is asked, without its password; undefined where it is asked directly. */
  proxyFor(url: URL): string | undefined {
    const proxy = this.#parts.proxies.proxyFor(url)
    return proxy === undefined ? undefined : redactUrl(proxy)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.all([...this.#pools.values()].map((pool) => pool.destroy()))
  }

  #noteReach(key: string, reach: NetworkScope): void {
    this.#reached.set(key, broaderScope(reach, this.#reached.get(key) ?? reach))
  }

  #pool(key: string, open: () => Dispatcher): Dispatcher {
    const pool = this.#pools.get(key) ?? open()
    this.#pools.set(key, pool)
    return pool
  }

  /** A proxy finds the address by itself; where we find one as well, it must be one that may be asked. Names are looked up once. */
  #judgeName(host: string, rules: AddressRules): Promise<void> {
    const key = keyOf(rules, host)
    const judged = this.#judged.get(key) ?? this.#lookUpAndJudge(host, rules)
    this.#judged.set(key, judged)
    return judged
  }

  #lookUpAndJudge(host: string, rules: AddressRules): Promise<void> {
    return new Promise((resolve, reject) => {
      // Behind many a proxy no name server answers for what lies beyond it.
      const timer = this.#parts.clock.after(LOOKUP_MS, resolve)
      this.#lookup(host, { all: true }, (error, found) => {
        timer.cancel()
        const addresses = error === null && Array.isArray(found) ? found : []
        const refused = addresses.find(({ address }) => !mayAsk(address, rules))
        if (refused === undefined) resolve()
        else reject(refusedAddress(host, refused.address, rules))
      })
    })
  }
}

/** What an agent makes connections with. */
interface ProxiedOptions extends Omit<Pool.Options, 'connect'> {
  readonly connect: buildConnector.connector
}

const LOOKUP_MS = 2_000
const MAX_HEADER_BYTES = 65_536
const STREAM_WINDOW_BYTES = 1_048_576
const CONNECTION_WINDOW_BYTES = 8_388_608

function keyOf({ scope, typedHost = '', because }: AddressRules, origin = ''): string {
  return `${scope} ${typedHost} ${because ?? ''} ${origin}`
}
