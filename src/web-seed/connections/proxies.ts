import { isIP } from 'node:net'
import { DistroError } from '../../base/errors.ts'
import { hostOf, reachOf } from './address-rules.ts'

/** Through which proxies servers are asked. */
export interface Proxies {
  /** The proxy for a URL, which may hold a user and a password; undefined where it is asked directly. */
  proxyFor(url: URL): URL | undefined
}

/**
 * Proxies as the environment names them: `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY`, each also in lower case, and `NO_PROXY`, a list of
 * hosts, domains (with what is below them), `host:port` and `*`. This machine is never asked through a proxy. Throws USAGE for a
 * proxy that is no http or https URL.
 */
export function readProxies(env: Readonly<Record<string, string | undefined>>): Proxies {
  const all = proxyIn(env, 'all_proxy')
  const proxies: Readonly<Record<string, URL | undefined>> = {
    'http:': proxyIn(env, 'http_proxy') ?? all,
    'https:': proxyIn(env, 'https_proxy') ?? all,
  }
  const exceptions = (valueIn(env, 'no_proxy') ?? '').split(/[\s,]+/).filter((entry) => entry !== '')
  return {
    proxyFor(url): URL | undefined {
      return isThisMachine(url) || exceptions.some((entry) => isMatch(entry.toLowerCase(), url)) ? undefined : proxies[url.protocol]
    },
  }
}

function valueIn(env: Readonly<Record<string, string | undefined>>, name: string): string | undefined {
  const value = env[name] ?? env[name.toUpperCase()]
  return value === undefined || value.trim() === '' ? undefined : value.trim()
}

function proxyIn(env: Readonly<Record<string, string | undefined>>, name: string): URL | undefined {
  const value = valueIn(env, name)
  if (value === undefined) return undefined
  const text = value.includes('://') ? value : `http://${value}`
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url
  throw new DistroError('USAGE', `The proxy that ${name.toUpperCase()} names is not an http or https URL.`, {
    hint: `Set ${name.toUpperCase()} to a URL such as http://proxy.example:3128, or unset it.`,
  })
}

function isThisMachine(url: URL): boolean {
  const host = hostOf(url)
  return host === 'localhost' || (isIP(host) !== 0 && reachOf(host) === 'host')
}

function isMatch(entry: string, url: URL): boolean {
  if (entry === '*') return true
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port
  const [, host = entry, wantedPort] = /^(\[.*\]|[^:]*):(\d+)$/.exec(entry) ?? []
  if (wantedPort !== undefined && wantedPort !== port) return false
  const domain = host.replace(/^\*?\./, '').replace(/^\[|\]$/g, '')
  const asked = hostOf(url)
  return asked === domain || asked.endsWith(`.${domain}`)
}
