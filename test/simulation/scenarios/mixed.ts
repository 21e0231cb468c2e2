import { boundSeconds } from '../bound.ts'
import type { Scenario } from '../scenario.ts'
import type { HostPlan } from '../simulated-host.ts'
import type { Simulation } from '../simulation.ts'
import { equalHosts, startTogether } from './building-blocks.ts'

/** Of ten hosts one is ten times slower, both ways, and two send four times slower than they receive. */
const GROUP = 10
const SLOWER = 10
const ASYMMETRY = 4

/**
 * Links differ. One bound for all would be the time that the slowest link needs for one copy, and any protocol would reach it: so each
 * host is measured against the time below which itself could not have had everything.
 */
export const mixed: Scenario = {
  name: 'mixed',
  summary: 'a tenth of the hosts ten times slower, a fifth with a quarter of the upload',
  hosts: (request) => equalHosts(request).map(linkOf),
  script,
}

function script(run: Simulation): void {
  const plans = run.leeches.map(({ plan }) => plan)
  const sumUp = plans.reduce((sum, { upBytesPerSecond }) => sum + upBytesPerSecond, run.origin.plan.upBytesPerSecond)
  const together = (run.leeches.length * run.options.sizeBytes) / sumUp
  for (const leech of run.leeches) {
    const alone = boundSeconds(run.options.sizeBytes, run.origin.plan, [leech.plan])
    run.setBound(leech, 1_000 * Math.max(alone, together))
  }
  startTogether(run)
  const slow = run.leeches.filter(({ plan }) => isSlow(plan))
  const asymmetrical = run.leeches.filter(({ plan }) => isAsymmetrical(plan))
  const ordinary = run.leeches.filter(({ plan }) => !isSlow(plan) && !isAsymmetrical(plan))
  run.addFigures(() => ({
    lastOverGlobalBound: Math.max(...run.leeches.map((leech) => leech.completedMs)) / run.boundMs,
    ordinaryLastOverBound: run.lastOverBound(ordinary),
    asymmetricalLastOverBound: run.lastOverBound(asymmetrical),
    slowLastOverBound: run.lastOverBound(slow),
  }))
}

function linkOf(plan: HostPlan): HostPlan {
  const { upBytesPerSecond, downBytesPerSecond } = plan
  if (isSlow(plan)) return { ...plan, upBytesPerSecond: upBytesPerSecond / SLOWER, downBytesPerSecond: downBytesPerSecond / SLOWER }
  return isAsymmetrical(plan) ? { ...plan, upBytesPerSecond: upBytesPerSecond / ASYMMETRY } : plan
}

function isSlow({ number }: HostPlan): boolean {
  return number % GROUP === 5
}

function isAsymmetrical({ number }: HostPlan): boolean {
  return number % GROUP === 2 || number % GROUP === 7
}
