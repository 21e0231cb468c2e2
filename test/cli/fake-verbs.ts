import type { WaitRequest } from '../../src/app/copies/wait-request.ts'
import type { FetchRequest } from '../../src/app/fetch/fetch-request.ts'
import type { SeedRequest } from '../../src/app/seed/seed-request.ts'
import type { Verbs } from '../../src/cli/verbs.ts'

const neverCalled = (name: string) => async (): Promise<never> => {
  throw new TypeError(`the verb ${name} was called, which this test does not expect`)
}

/** Verbs that fail when called, but for those that are given. */
export function fakeVerbs(given: Partial<Verbs> = {}): Verbs {
  return {
    seed: neverCalled('seed'),
    fetch: neverCalled('fetch'),
    wait: neverCalled('wait'),
    create: neverCalled('create'),
    info: neverCalled('info'),
    verify: neverCalled('verify'),
    dht: neverCalled('dht'),
    ps: neverCalled('ps'),
    webSeed: neverCalled('webSeed'),
    rollback: neverCalled('rollback'),
    ...given,
  }
}

/** What was asked of `notingVerbs`. */
export interface NotingVerbs {
  readonly verbs: Verbs
  readonly seeds: SeedRequest[]
  readonly fetches: FetchRequest[]
  readonly waits: WaitRequest[]
}

/** Verbs of which seed, fetch and wait note their request and succeed at once. */
export function notingVerbs(): NotingVerbs {
  const seeds: SeedRequest[] = []
  const fetches: FetchRequest[] = []
  const waits: WaitRequest[] = []
  const verbs = fakeVerbs({
    async seed(request) {
      seeds.push(request)
      return { infoHash: 'aa', name: 'n', bytes: 1, seconds: 1, uploaded: 0, copies: 0, copiesFromEarlierRuns: 0, goalMet: true }
    },
    async wait(request) {
      waits.push(request)
      return { infoHash: 'aa', name: 'n', bytes: 1, seconds: 1, copies: 1, goalMet: true }
    },
    async fetch(request) {
      fetches.push(request)
      const bySource = { peers: 1, webSeeds: 0, local: 0 }
      return {
        path: '/x',
        infoHash: 'aa',
        name: 'n',
        bytes: 1,
        seconds: 1,
        downloaded: 1,
        uploaded: 0,
        bySource,
        isDryRun: false,
        files: [],
      }
    },
  })
  return { verbs, seeds, fetches, waits }
}
