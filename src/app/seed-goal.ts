import type { Events } from '../base/events.ts'
import { systemClock } from '../base/system-clock.ts'
import type { Swarm } from '../swarm/swarm.ts'
import type { VerbEvents } from './events.ts'
import type { SeedRequest } from './seed-request.ts'

/** Watches a seed until one of its goals is met: enough complete copies, enough time, enough bytes sent. */
export class SeedGoal {
  /** Resolves when the first goal is met; never without a goal. */
  readonly met: Promise<void>
  readonly #complete = new Set<string>()
  readonly #releases: (() => void)[] = []
  #isMet = false

  constructor(
    request: Pick<SeedRequest, 'untilCopies' | 'forMs' | 'ratio'>,
    swarm: Swarm,
    contentBytes: number,
    events: Events<VerbEvents>,
  ) {
    const { untilCopies, forMs, ratio } = request
    this.met = new Promise((resolve) => {
      const meet = (): void => {
        this.#isMet = true
        resolve()
      }
      this.#releases.push(
        swarm.events.on('peer', ({ kind, peerId }) => {
          if (kind !== 'complete' || this.#complete.has(peerId)) return
          this.#complete.add(peerId)
          events.emit('copies', { complete: this.#complete.size, goal: untilCopies ?? null })
          if (untilCopies !== undefined && this.#complete.size >= untilCopies) meet()
        }),
      )
      if (forMs !== undefined) {
        const timer = systemClock.after(forMs, meet)
        this.#releases.push(() => timer.cancel())
      }
      if (ratio !== undefined) {
        const ticker = systemClock.every(500, () => {
          if (swarm.status().uploadedBytes >= ratio * contentBytes) meet()
        })
        this.#releases.push(() => ticker.cancel())
      }
    })
  }

  /** Peers that were seen to hold everything, each counted once. */
  get copies(): number {
    return this.#complete.size
  }

  get isMet(): boolean {
    return this.#isMet
  }

  stop(): void {
    for (const release of this.#releases) release()
  }
}
