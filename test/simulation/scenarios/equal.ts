import type { Scenario } from '../scenario.ts'
import { equalHosts, startTogether } from './building-blocks.ts'

/** Everybody has the same link and starts at the same time. */
export const equal: Scenario = {
  name: 'equal',
  summary: 'equal links, everybody starts together',
  hosts: equalHosts,
  script: startTogether,
}
