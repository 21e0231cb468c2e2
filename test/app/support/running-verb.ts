import { tmpdir } from 'node:os'
import { onTestFinished } from 'vitest'
import type { VerbEvents } from '../../../src/app/events.ts'
import { fetch } from '../../../src/app/fetch/fetch.ts'
import type { FetchRequest, FetchResult } from '../../../src/app/fetch/fetch-request.ts'
import { seed } from '../../../src/app/seed/seed.ts'
import type { SeedRequest, SeedResult } from '../../../src/app/seed/seed-request.ts'
import { DistroError } from '../../../src/base/errors.ts'
import { Events } from '../../../src/base/events.ts'
import { loopback } from './loopback-request.ts'

type EventType = keyof VerbEvents

/** One event as a verb told it. */
export interface ToldEvent {
  readonly type: EventType
  readonly payload: VerbEvents[EventType]
}

const types: readonly EventType[] = ['ready', 'metadata', 'progress', 'peer', 'copies', 'hosts', 'warning', 'done']

/** A verb at work in this process, with everything that it told; it is stopped when the test is over. */
export class RunningVerb<Result> {
  readonly told: ToldEvent[] = []
  /** How it ends; nobody has to listen. */
  readonly result: Promise<Result>
  readonly #controller = new AbortController()
  readonly #events = new Events<VerbEvents>()
  #hasEnded = false

  constructor(run: (events: Events<VerbEvents>, signal: AbortSignal) => Promise<Result>) {
    for (const type of types) this.#events.on(type, (payload) => this.told.push({ type, payload }))
    this.result = run(this.#events, this.#controller.signal).finally(() => {
      this.#hasEnded = true
    })
    this.result.catch(() => undefined)
    onTestFinished(() => this.stop())
  }

  get hasEnded(): boolean {
    return this.#hasEnded
  }

  /** Everything of one type that was told so far. */
  all<Type extends EventType>(type: Type): VerbEvents[Type][] {
    return this.told.filter((event) => event.type === type).map(({ payload }) => payload as VerbEvents[Type])
  }

  /** The first event of `type` that `accepts` likes, past or to come; rejects when the verb ends without it. */
  event<Type extends EventType>(type: Type, accepts: (payload: VerbEvents[Type]) => boolean = () => true): Promise<VerbEvents[Type]> {
    const past = this.all(type).find(accepts)
    if (past !== undefined) return Promise.resolve(past)
    return new Promise((resolve, reject) => {
      this.#events.on(type, (payload) => {
        if (accepts(payload)) resolve(payload)
      })
      const missing = (error?: unknown): void => reject(error ?? new Error(`the verb ended before event "${type}"`))
      this.result.then(() => missing(), missing)
    })
  }

  abort(reason: unknown = stopReason): void {
    this.#controller.abort(reason)
  }

  /** Aborts it and waits until it has ended, however it ends. */
  async stop(): Promise<void> {
    this.abort()
    await this.result.catch(() => undefined)
  }
}

/** The reason with which `stop` and `abort` end a verb, as SIGTERM does. */
export const stopReason: DistroError = new DistroError('TERMINATED', 'The test is over.')

/** What a test says of a seed; the rest is usual. */
export type SeedPlan = Pick<SeedRequest, 'path'> & Partial<SeedRequest>

export function startSeed(plan: SeedPlan): RunningVerb<SeedResult> {
  const usual: Omit<SeedRequest, 'path'> = {
    torrentFile: undefined,
    name: undefined,
    exclude: [],
    pieceLengthBytes: undefined,
    format: undefined,
    comment: undefined,
    isPrivate: false,
    webSeeds: [],
    torrentOut: undefined,
    magnetOut: undefined,
    reportOut: undefined,
    untilCopies: undefined,
    forMs: undefined,
    ratio: undefined,
    httpPort: undefined,
    network: loopback(),
  }
  return new RunningVerb((events, signal) => seed({ ...usual, ...plan }, events, signal))
}

/** What a test says of a fetch; the rest is usual. */
export type FetchPlan = Pick<FetchRequest, 'id' | 'outDir'> & Partial<FetchRequest>

export function startFetch(plan: FetchPlan): RunningVerb<FetchResult> {
  const usual: Omit<FetchRequest, 'id' | 'outDir'> = {
    select: [],
    keepSeeding: false,
    seedForMs: undefined,
    overwrite: false,
    isDryRun: false,
    webSeeds: [],
    reuse: [],
    mayLink: false,
    usesNamedWebSeeds: true,
    trustsMagnetUrls: false,
    webSeedMode: 'fallback',
    webSeedDelayMs: 0,
    hostName: undefined,
    webSeedAccess: { env: {}, cwd: tmpdir() },
    network: loopback(),
  }
  return new RunningVerb((events, signal) => fetch({ ...usual, ...plan }, events, signal))
}
