import { MiB } from '../../src/base/units.ts'
import { type Report, reportOf } from './report.ts'
import type { Scenario } from './scenario.ts'
import { Simulation } from './simulation.ts'

/** How a small run differs from 16 hosts and 64 MiB. */
export interface SmallRunChanges {
  readonly hosts?: number
  readonly sizeBytes?: number
}

/** A run on links of 50 Mbit/s that takes less than half a second. */
export function smallRun(
  scenario: Scenario,
  seed: number,
  changes: SmallRunChanges = {},
): { readonly run: Simulation; readonly report: Report } {
  const run = new Simulation({ scenario, hosts: 16, sizeBytes: 64 * MiB, seed, linkBytesPerSecond: 6_250_000, ...changes })
  run.run()
  return { run, report: reportOf(run) }
}
