import { acceptUrl, TRACKER_PROTOCOLS, WEB_SEED_PROTOCOLS } from './accept-url.ts'
import { asInteger, asList, asText, type Bencode, type BencodeDictionary } from './bencode.ts'
import type { Metainfo } from './info.ts'

/** The trackers of a .torrent file by tier (BEP 12, else BEP 3), at most 100. What is left out is told in `warnings`. */
export function readTrackers(top: BencodeDictionary, warnings: string[]): readonly (readonly string[])[] {
  const known = new Set<string>()
  const tiers: string[][] = []
  let ignored = 0
  const addTier = (values: readonly Bencode[]): void => {
    const tier: string[] = []
    for (const value of values) {
      const url = acceptUrl(asText(value), TRACKER_PROTOCOLS)
      if (url === undefined || (known.size >= MOST_ENTRIES && !known.has(url))) ignored++
      else if (!known.has(url)) tier.push(url)
      if (url !== undefined && known.size < MOST_ENTRIES) known.add(url)
    }
    if (tier.length > 0) tiers.push(tier)
  }
  const list = top.get('announce-list')
  for (const values of asList(list) ?? []) addTier(asList(values) ?? [values])
  if (list !== undefined && asList(list) === undefined) ignored++
  const single = top.get('announce')
  // BEP 12: announce counts only where there is no usable list.
  if (single !== undefined && tiers.length === 0) addTier([single])
  warnOf(warnings, ignored, 'tracker', 'only well-formed http, https and udp URLs are used, at most 100')
  return tiers
}

/** The web seeds of a .torrent file (`url-list` of BEP 19, `httpseeds` of BEP 17), at most 100. */
export function readWebSeeds(top: BencodeDictionary, key: 'url-list' | 'httpseeds', warnings: string[]): readonly string[] {
  const value = top.get(key)
  const urls = new Set<string>()
  let ignored = 0
  for (const entry of asList(value) ?? (value === undefined ? [] : [value])) {
    const text = asText(entry)
    // Some programs write an empty string where there is no web seed.
    if (text?.trim() === '') continue
    const url = acceptUrl(text, WEB_SEED_PROTOCOLS)
    if (url === undefined || urls.size >= MOST_ENTRIES) ignored++
    else urls.add(new URL(url).href)
  }
  warnOf(warnings, ignored, 'web seed', 'only well-formed http and https URLs are used, at most 100')
  return [...urls]
}

/** The DHT nodes of a .torrent file (BEP 5), at most 100. */
export function readNodes(top: BencodeDictionary, warnings: string[]): Metainfo['nodes'] {
  const value = top.get('nodes')
  const nodes: { host: string; port: number }[] = []
  let ignored = 0
  for (const entry of asList(value) ?? (value === undefined ? [] : [value])) {
    const pair = asList(entry)
    const host = asText(pair?.[0])
    const port = asInteger(pair?.[1])
    const isSound = host !== undefined && HOST.test(host) && port !== undefined && port >= 1 && port <= 65_535
    if (isSound && nodes.length < MOST_ENTRIES) nodes.push({ host, port })
    else ignored++
  }
  warnOf(warnings, ignored, 'DHT node', 'a node is a host and a port, and at most 100 are used')
  return nodes
}

const MOST_ENTRIES = 100
const HOST = /^[0-9A-Za-z_.:-]{1,253}$/

function warnOf(warnings: string[], ignored: number, what: string, why: string): void {
  if (ignored > 0) warnings.push(`${ignored} ${what}${ignored === 1 ? '' : 's'} of the torrent ignored: ${why}.`)
}
