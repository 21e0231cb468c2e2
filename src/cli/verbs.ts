import type { PsVerb } from '../app/control/ps-request.ts'
import type { WaitVerb } from '../app/copies/wait-request.ts'
import type { FetchVerb } from '../app/fetch/fetch-request.ts'
import type { DhtVerb } from '../app/network/dht-request.ts'
import type { RollbackVerb } from '../app/releases/rollback-request.ts'
import type { InfoVerb } from '../app/resolve/info-request.ts'
import type { SeedVerb } from '../app/seed/seed-request.ts'
import type { CreateVerb } from '../app/torrents/create-request.ts'
import type { VerifyVerb } from '../app/torrents/verify-request.ts'
import type { WebSeedVerb } from '../app/web-seeds/web-seed-request.ts'

/** The verbs of the floor below, as the commands call them. */
export interface Verbs {
  readonly seed: SeedVerb
  readonly fetch: FetchVerb
  readonly wait: WaitVerb
  readonly create: CreateVerb
  readonly info: InfoVerb
  readonly verify: VerifyVerb
  readonly dht: DhtVerb
  readonly ps: PsVerb
  readonly webSeed: WebSeedVerb
  readonly rollback: RollbackVerb
}

/** The real verbs, each loaded when it is first called: `distro info` does not wait for the swarm to load. */
export const appVerbs: Verbs = {
  seed: async (...request) => (await import('../app/seed/seed.ts')).seed(...request),
  fetch: async (...request) => (await import('../app/fetch/fetch.ts')).fetch(...request),
  wait: async (...request) => (await import('../app/copies/wait.ts')).wait(...request),
  create: async (...request) => (await import('../app/torrents/create.ts')).create(...request),
  info: async (...request) => (await import('../app/resolve/info.ts')).info(...request),
  verify: async (...request) => (await import('../app/torrents/verify.ts')).verify(...request),
  dht: async (...request) => (await import('../app/network/dht.ts')).dht(...request),
  ps: async (...request) => (await import('../app/control/ps.ts')).ps(...request),
  webSeed: async (...request) => (await import('../app/web-seeds/web-seed.ts')).webSeed(...request),
  rollback: async (...request) => (await import('../app/releases/rollback.ts')).rollback(...request),
}
