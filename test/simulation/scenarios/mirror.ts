import type { Scenario } from '../scenario.ts'
import { SimulatedWebSeed } from '../simulated-web-seed.ts'
import type { Simulation } from '../simulation.ts'
import { equalHosts, START_SPREAD_MS } from './building-blocks.ts'

/** No peer has anything at first: all of it comes from one web seed, which has the line of one host and takes the place of the origin. */
export const mirror: Scenario = {
  name: 'mirror',
  summary: 'one web seed and no other seed',
  hosts: equalHosts,
  script,
}

function script(run: Simulation): void {
  for (const leech of run.leeches) {
    leech.asks(new SimulatedWebSeed(run.network, run.origin, leech, run.options.scale ?? 1))
    run.events.after(run.random.below(START_SPREAD_MS), () => run.start(leech))
  }
}
