import { Bitfield } from '../../../src/base/bitfield.ts'
import type { Scenario } from '../scenario.ts'
import type { SimulatedHost } from '../simulated-host.ts'
import type { Simulation } from '../simulation.ts'
import { equalHosts, startTogether } from './building-blocks.ts'

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
  const isFar = (host: { readonly address: unknown }): boolean => farAddresses.has(host.address)
  const far = run.leeches.filter((_, index) => index % 2 === 1)
  const near = run.leeches.filter((_, index) => index % 2 === 0)
  const farAddresses = new Set<unknown>(far.map(({ address }) => address))
  const healsMs = HEALS_AT * run.boundMs
  startTogether(run)
  run.events.after(PARTS_AT * run.boundMs, () => {
    const missing = run.torrent.totalBytes - bytesOf(run, far)
    const share = missing / run.torrent.totalBytes
    for (const host of far) run.setBound(host, Math.max(run.boundMs, healsMs + share * run.boundMs))
    run.network.part((from, to) => isFar(from) !== isFar(to))
  })
  run.events.after(healsMs, () => run.network.part(() => false))
  run.addFigures(() => ({
    originsHalfLastOverBound: run.lastOverBound(near),
    otherHalfLastOverBound: run.lastOverBound(far),
    boundsAfterHealing: Math.max(...far.map((host) => host.completedMs - healsMs)) / run.boundMs,
  }))
}

/** Of the content, what `hosts` have together. */
function bytesOf(run: Simulation, hosts: readonly SimulatedHost[]): number {
  const together = new Bitfield(run.torrent.pieceCount)
  let bytes = 0
  for (const host of hosts) for (const piece of host.stored.members()) if (together.add(piece)) bytes += run.torrent.pieceBytes(piece)
  return bytes
}
