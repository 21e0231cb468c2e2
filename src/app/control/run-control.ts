import { formatAddress } from '../../base/address.ts'
import { DistroError } from '../../base/errors.ts'
import type { Events } from '../../base/events.ts'
import type { Phase, VerbEvents } from '../events.ts'
import type { RunControl, RunDescription, WebSeedControl } from './run-port.ts'

/** What is known of a run when it starts. */
export interface RunFacts {
  readonly verb: RunDescription['verb']
  /** Hexadecimal; null when it is not known yet. */
  readonly infoHash: string | null
  readonly name: string | null
  readonly state: Phase
  /** Where the content is, or will be once its name is known; absolute. */
  pathOf(name: string | null): string
}

/** A seed or fetch as the control socket shows it, gathered from what the verb tells anyway. */
export class EventedRun implements RunControl {
  readonly webSeeds: WebSeedControl
  #description: RunDescription

  constructor(facts: RunFacts, events: Events<VerbEvents>, webSeeds: WebSeedControl = noWebSeeds) {
    this.webSeeds = webSeeds
    const { verb, infoHash, name, state } = facts
    const nothing = { bytesDone: 0, bytesTotal: 0, downBytesPerSecond: 0, upBytesPerSecond: 0, peers: 0, seeds: 0 }
    const startedAt = new Date().toISOString()
    this.#description = { verb, infoHash, name, path: facts.pathOf(name), state, ...nothing, startedAt, listen: [] }
    events.on('metadata', (metadata) => this.#set({ infoHash: metadata.infoHash, name: metadata.name, path: facts.pathOf(metadata.name) }))
    events.on('ready', ({ listen }) => {
      this.#set({ listen: listen.map(formatAddress) })
      // The figures of that come a moment later.
      if (verb !== 'fetch') this.#set({ state: 'seed' })
    })
    events.on('progress', ({ phase, bytesDone, bytesTotal, downBytesPerSecond, upBytesPerSecond, peers, seeds }) => {
      this.#set({ state: phase, bytesDone, bytesTotal, downBytesPerSecond, upBytesPerSecond, peers, seeds })
    })
  }

  describe(): RunDescription {
    return this.#description
  }

  #set(change: Partial<RunDescription>): void {
    this.#description = { ...this.#description, ...change }
  }
}

/** A seed has everything. */
const noWebSeeds: WebSeedControl = {
  list: () => [],
  add: async () => refuse(),
  remove: async () => refuse(),
  replace: async () => refuse(),
}

function refuse(): never {
  throw new DistroError('USAGE', 'This run has everything, and asks no web seed.', {
    hint: 'Name web seeds for those who fetch with distro seed --web-seed URL.',
  })
}
