import { boundSeconds } from '../bound.ts'
import type { Scenario } from '../scenario.ts'
import type { HostPlan } from '../simulated-host.ts'
import type { Simulation } from '../simulation.ts'
import { equalHosts, startTogether } from './building-blocks.ts'

/** Hosts in a rack at most; there are two racks at least. */
const RACK_HOSTS = 40
/** The line of a rack, each way, is so many times slower than that of one host in it. */
const NARROWER = 5

/** Racks with narrow lines between them; the origin is in the first. Nobody can have everything before one copy went over such a line. */
export const racks: Scenario = {
  name: 'racks',
  summary: 'racks of up to 40 hosts, each behind a line five times slower than that of one host',
  hosts(request) {
    const count = Math.max(2, Math.ceil(request.hosts / RACK_HOSTS))
    const rackOf = (number: number): number => Math.floor((number * count) / (request.hosts + 1))
    return equalHosts(request).map((plan) => ({ ...plan, rack: `rack-${rackOf(plan.number)}` }))
  },
  boundSeconds: (totalBytes, [origin, ...leeches]) =>
    origin === undefined ? 0 : Math.max(boundSeconds(totalBytes, origin, leeches), totalBytes / lineOf(origin)),
  script,
}

function script(run: Simulation): void {
  const names = [...new Set([run.origin, ...run.leeches].map(({ plan }) => plan.rack ?? ''))]
  const lines = names.map((name) => run.network.addZone(name, lineOf(run.origin.plan)))
  const copies = ({ totalBytes }: { readonly totalBytes: number }): number => totalBytes / run.options.sizeBytes
  startTogether(run)
  run.addFigures(() => {
    const [first, ...others] = lines
    const into = others.map((line) => copies(line.in))
    if (first === undefined) return {}
    return {
      racks: lines.length,
      copiesOutOfFirstRack: copies(first.out),
      copiesBackIntoFirstRack: copies(first.in),
      meanCopiesIntoOtherRacks: into.reduce((sum, each) => sum + each, 0) / into.length,
      mostCopiesIntoOneRack: Math.max(...into),
    }
  })
}

function lineOf({ upBytesPerSecond }: HostPlan): number {
  return upBytesPerSecond / NARROWER
}
