import type { Scenario } from '../scenario.ts'
import { equalHosts, startWithin } from './building-blocks.ts'

const SPREAD_MS = 1_000

/** A flash crowd: everybody comes within a second and knows the magnet link alone, so the info dictionary has to go round first. */
export const flash: Scenario = {
  name: 'flash',
  summary: 'everybody comes within a second, with the magnet link alone',
  hosts: (request) => equalHosts(request).map((plan) => (plan.isOrigin === true ? plan : { ...plan, startsFromMagnet: true })),
  script: (run) => startWithin(run, SPREAD_MS),
}
