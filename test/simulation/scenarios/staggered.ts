import type { Scenario } from '../scenario.ts'
import { equalHosts, startWithin } from './building-blocks.ts'

/** In bounds. */
const SPREAD = 2

/** Hosts come one after the other; each one's time counts from its own start, and none can be faster than one copy over its own link. */
export const staggered: Scenario = {
  name: 'staggered',
  summary: 'hosts come over twice the bound, each timed from its own start',
  hosts: equalHosts,
  script: (run) => startWithin(run, SPREAD * run.boundMs),
  countsFromOwnStart: true,
}
