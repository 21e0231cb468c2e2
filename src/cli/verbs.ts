import type { CreateVerb } from '../app/create-request.ts'
import type { DhtVerb } from '../app/dht-request.ts'
import type { FetchVerb } from '../app/fetch-request.ts'
import type { InfoVerb } from '../app/info-request.ts'
import type { PsVerb } from '../app/ps-request.ts'
import type { RollbackVerb } from '../app/rollback-request.ts'
import type { SeedVerb } from '../app/seed-request.ts'
import type { VerifyVerb } from '../app/verify-request.ts'
import type { WaitVerb } from '../app/wait-request.ts'
import type { WebSeedVerb } from '../app/web-seed-request.ts'

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
  seed: async (...request) => (await import('../app/seed.ts')).seed(...request),
  fetch: async (...request) => (await import('../app/fetch.ts')).fetch(...request),
  wait: async (...request) => (await import('../app/wait.ts')).wait(...request),
  create: async (...request) => (await import('../app/create.ts')).create(...request),
  info: async (...request) => (await import('../app/info.ts')).info(...request),
  verify: async (...request) => (await import('../app/verify.ts')).verify(...request),
  dht: async (...request) => (await import('../app/dht.ts')).dht(...request),
  ps: async (...request) => (await import('../app/ps.ts')).ps(...request),
  webSeed: async (...request) => (await import('../app/web-seed.ts')).webSeed(...request),
  rollback: async (...request) => (await import('../app/rollback.ts')).rollback(...request),
}
