import type { WebSeedControl, WebSeedStatus } from '../../../../src/app/control/run-port.ts'
import { DistroError } from '../../../../src/base/errors.ts'

/** Web seeds that are a list and nothing more; one that is called bad is refused. */
export class ListedWebSeeds implements WebSeedControl {
  readonly labels: string[]

  constructor(labels: readonly string[] = []) {
    this.labels = [...labels]
  }

  list(): readonly WebSeedStatus[] {
    return this.labels.map(statusOf)
  }

  async add(url: string): Promise<string> {
    this.labels.push(checked(url))
    return url
  }

  async remove(url: string): Promise<string> {
    this.labels.splice(this.#placeOf(url), 1)
    return url
  }

  async replace(url: string, by: string): Promise<{ removed: string; added: string }> {
    this.labels.splice(this.#placeOf(url), 1, checked(by))
    return { removed: url, added: by }
  }

  #placeOf(url: string): number {
    const place = this.labels.indexOf(url)
    if (place === -1) throw new DistroError('INPUT_MISSING', 'There is no such web seed.', { hint: 'List them.' })
    return place
  }
}

/** What a web seed shows that nobody has asked for anything. */
export function statusOf(label: string): WebSeedStatus {
  return {
    label,
    state: 'idle',
    downloadedBytes: 0,
    bytesPerSecond: 0,
    strikes: 0,
    lastFailure: null,
    retryInMs: null,
    namedBy: 'operator',
  }
}

function checked(url: string): string {
  if (url.includes('bad')) throw new DistroError('USAGE', `${url} is no web seed.`)
  return url
}
