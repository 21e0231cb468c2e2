import type { Random } from '../../src/base/random.ts'
import type { HostPlan } from './simulated-host.ts'
import type { Simulation } from './simulation.ts'

/** What a scenario makes its hosts from. */
export interface HostsRequest {
  /** Without the origin. */
  readonly hosts: number
  readonly linkBytesPerSecond: number
  readonly random: Random
}

/** What a scenario reports besides what every run does, by name. */
export type Figures = Readonly<Record<string, number>>

/** A story: which hosts there are, and what happens to them. */
export interface Scenario {
  readonly name: string
  /** One sentence. */
  readonly summary: string
  /** The hosts, the origin first. */
  hosts(request: HostsRequest): HostPlan[]
  /** Plans the starts and whatever else happens. */
  script(run: Simulation): void
  /** The bound where the usual one does not hold. */
  boundSeconds?(totalBytes: number, plans: readonly HostPlan[]): number
  /** True where the time of each host counts from its own start, in place of the start of the run. */
  readonly countsFromOwnStart?: boolean
}
