import type { Scenario } from '../scenario.ts'
import { equalHosts, startTogether } from './building-blocks.ts'

const SLOWER = 10

/** The origin's line is the bottleneck, so it must not send a byte twice; the bound is the time of one copy over it. */
export const tinyOrigin: Scenario = {
  name: 'tiny-origin',
  summary: 'the origin sends ten times slower than the hosts',
  hosts: (request) =>
    equalHosts(request).map((plan) => (plan.isOrigin === true ? { ...plan, upBytesPerSecond: plan.upBytesPerSecond / SLOWER } : plan)),
  script: startTogether,
}
