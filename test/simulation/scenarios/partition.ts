import type { Scenario } from '../scenario.ts'
import type { NetworkNode } from '../simulated-network.ts'
import type { Simulation } from '../simulation.ts'
import { equalHosts, startTogether, storedBytes } from './building-blocks.ts'

/** When the network parts, and when it heals, in bounds. */
const PARTS_AT = 0.4
const HEALS_AT = 1.4

/**
 * The network parts into two halves and heals later; the origin is in the first. A host of the other half can have everything at the
 * earliest when it has received, from the healing on, what its half lacked as a whole.
 */
export const partition: Scenario = {
  name: 'partition',
  summary: 'at 0.4 bounds the network parts into halves, and heals at 1.4',
  hosts: equalHosts,
  script,
}

function script(run: Simulation): void {
  const far = run.leeches.filter((_, index) => index % 2 === 1)
  const near = run.leeches.filter((_, index) => index % 2 === 0)
  const farNodes = new Set<NetworkNode>(far)
  const healsMs = HEALS_AT * run.boundMs
  startTogether(run)
  run.events.after(PARTS_AT * run.boundMs, () => {
    const missing = run.torrent.totalBytes - storedBytes(run, far)
    const share = missing / run.torrent.totalBytes
    for (const host of far) run.setBound(host, Math.max(run.boundMs, healsMs + share * run.boundMs))
    run.network.part((from, to) => farNodes.has(from) !== farNodes.has(to))
  })
  run.events.after(healsMs, () => run.network.part(() => false))
  run.addFigures(() => ({
    originsHalfLastOverBound: run.lastOverBound(near),
    otherHalfLastOverBound: run.lastOverBound(far),
    boundsAfterHealing: Math.max(...far.map((host) => host.completedMs - healsMs)) / run.boundMs,
  }))
}
