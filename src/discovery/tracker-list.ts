import { type Random, shuffle } from '../base/random.ts'

const MAX_TRACKERS = 50

/** The trackers of a torrent in the order in which to try them (BEP 12): by tier, and within a tier at random, but the one that answered first. */
export class TrackerList {
  readonly #tiers: URL[][]
  /** What was given and is no tracker URL for us, for a warning. */
  readonly refused: readonly string[]

  constructor(tiers: readonly (readonly string[])[], random: Random) {
    const seen = new Set<string>()
    const refused: string[] = []
    this.#tiers = tiers.map((tier) => {
      const urls: URL[] = []
      for (const text of tier) {
        const url = trackerUrl(text)
        if (url === undefined) refused.push(text)
        else if (url !== 'browser' && !seen.has(url.href) && seen.size < MAX_TRACKERS) {
          seen.add(url.href)
          urls.push(url)
        }
      }
      return shuffle(urls, random)
    })
    this.refused = refused
  }

  /** All of them, the one to try first in front. */
  get inOrder(): readonly URL[] {
    return this.#tiers.flat()
  }

  /** Puts a tracker that answered to the front of its tier. */
  promote(url: URL): void {
    for (const tier of this.#tiers) {
      const place = tier.indexOf(url)
      if (place > 0) tier.unshift(...tier.splice(place, 1))
    }
  }
}

/** The URL of a tracker we can speak to; `browser` for those of WebRTC, which are not for us and no mistake. */
function trackerUrl(text: string): URL | 'browser' | undefined {
  if (!URL.canParse(text)) return undefined
  const url = new URL(text)
  if (url.protocol === 'ws:' || url.protocol === 'wss:') return 'browser'
  if (url.hostname === '') return undefined
  if (url.protocol === 'udp:') return url.port === '' || url.port === '0' ? undefined : url
  return url.protocol === 'http:' || url.protocol === 'https:' ? url : undefined
}
