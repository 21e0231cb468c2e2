import { HEARD_PATIENCE_MS } from '../../../src/app/copies/tell-copy.ts'
import type { Swarm } from '../../../src/swarm/swarm.ts'
import type { HostsRequest, Scenario } from '../scenario.ts'
import type { HostPlan, SimulatedHost } from '../simulated-host.ts'
import type { Simulation } from '../simulation.ts'
import { equalHosts, startTogether } from './building-blocks.ts'
import { CopyTally } from './copy-tally.ts'

/** The origin has a place for one host in so many. */
const HOSTS_A_PLACE = 6
/** One host in so many stands behind the NAT of a site, all of which has one address. */
const HOSTS_A_HIDDEN_ONE = 10
const SITE_ADDRESS = '192.0.2.1'
/** To the middle of the network: the fleet stands in many places, so that a visit at the origin takes its time. */
const LEAST_LATENCY_MS = 1
const MOST_LATENCY_MS = 40
/** From the last piece to the tree in its place, which has to be synced to the disk. */
const LEAST_PLACING_MS = 200
const MOST_PLACING_MS = 1_000
/** Of the hosts, those that are killed while they fetch, for so many bounds, and those that are killed once they were heard of. */
const KILLED_SHARE = 0.1
const LEAST_AWAY = 0.1
const MOST_AWAY = 0.5
const KILLED_LATER_SHARE = 0.05
/** So long after that, and for as long. */
const KILLED_LATER_MS = 500
const LOOK_PERIOD_MS = 50
/** The origin is not waited for any longer than this after the last tree was in its place. */
const PATIENCE_MS = 120_000

/**
 * A fleet that is counted: each host tells the origin of its copy as `fetch` does. Of the hosts with an odd number each leaves as soon as that
 * was heard, or after the time for which `fetch` waits; the others stay as seeds.
 */
export const copies: Scenario = {
  name: 'copies',
  summary: 'the origin counts who holds the tree and has places for one host in six; some are behind one NAT, some are killed and return',
  hosts: fleet,
  script,
}

function fleet(request: HostsRequest): HostPlan[] {
  const { hosts, random } = request
  return equalHosts(request).map((plan) => {
    const latencyMs = LEAST_LATENCY_MS + random.below(MOST_LATENCY_MS - LEAST_LATENCY_MS)
    if (plan.isOrigin === true) return { ...plan, latencyMs, copies: 'counted', maxPeers: Math.ceil(hosts / HOSTS_A_PLACE) }
    const isBehindNat = plan.number % HOSTS_A_HIDDEN_ONE === 0
    const address = isBehindNat ? { host: SITE_ADDRESS, port: 1_024 + plan.number } : plan.address
    return { ...plan, latencyMs, address, isBehindNat, copies: 'told' }
  })
}

function script(run: Simulation): void {
  const tally = new CopyTally(run)
  const killed = draw(run, KILLED_SHARE + KILLED_LATER_SHARE)
  const killedLater = new Set(killed.splice(Math.round(run.leeches.length * KILLED_SHARE)))
  for (const leech of run.leeches) tellWhenDone(run, leech, tally, killedLater)
  for (const host of killed) killWhileFetching(run, host)
  run.hold()
  startTogether(run)
  const watch = run.events.every(LOOK_PERIOD_MS, () => {
    tally.look()
    if (!run.areAllComplete || (tally.isAnybodyWaiting && run.events.nowMs() < tally.lastPlacedMs + PATIENCE_MS)) return
    watch.cancel()
    run.release()
  })
  run.addFigures(() => tally.figures())
}

/** What a host does in each of its lives, as `fetch` does it: the person named the origin, and when the tree is in place it is told of. */
function tellWhenDone(run: Simulation, host: SimulatedHost, tally: CopyTally, killedLater: Set<SimulatedHost>): void {
  const { events, origin, random } = run
  const staysAsSeed = host.plan.number % 2 === 0
  const onStart = (swarm: Swarm): void => {
    const inThisLife = (act: () => void) => (): void => {
      if (host.swarm === swarm) act()
    }
    const leave = inThisLife(() => {
      tally.onLeave(host)
      run.stop(host, 'leaves')
    })
    const place = inThisLife(() => {
      tally.onPlaced(host)
      host.tellCopy()
      if (!staysAsSeed) events.after(HEARD_PATIENCE_MS, leave)
    })
    swarm.events.on('copyHeard', () => {
      tally.onHeard(host)
      if (!staysAsSeed) events.soon(leave)
      else if (killedLater.delete(host)) events.after(KILLED_LATER_MS, () => restart(run, host))
    })
    swarm.events.on('complete', () => events.after(LEAST_PLACING_MS + random.below(MOST_PLACING_MS - LEAST_PLACING_MS), place))
    events.soon(inThisLife(() => host.meets([origin.address], 'magnet')))
  }
  host.watch({ onStart, onStop: () => undefined })
}

function killWhileFetching(run: Simulation, host: SimulatedHost): void {
  run.events.after(fraction(run) * run.boundMs, () => {
    if (host.isComplete || !host.isRunning) return
    run.stop(host, 'crashes')
    const away = LEAST_AWAY + (MOST_AWAY - LEAST_AWAY) * fraction(run)
    run.events.after(away * run.boundMs, () => run.start(host))
  })
}

/** It has everything, tells of it once more, and is not another host. */
function restart(run: Simulation, host: SimulatedHost): void {
  run.stop(host, 'crashes')
  run.events.after(KILLED_LATER_MS, () => run.start(host))
}

/** That share of the leeches, at random. */
function draw(run: Simulation, share: number): SimulatedHost[] {
  const left = [...run.leeches]
  return Array.from({ length: Math.round(share * left.length) }, () => left.splice(run.random.below(left.length), 1)).flat()
}

function fraction(run: Simulation): number {
  return run.random.below(1_000_000) / 1_000_000
}
