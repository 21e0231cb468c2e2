import { HostilePeer, type Hostility } from '../hostile-peer.ts'
import type { Scenario } from '../scenario.ts'
import type { HostPlan, HostWatcher } from '../simulated-host.ts'
import type { Simulation } from '../simulation.ts'
import { addressOf, equalHosts, START_SPREAD_MS, startTogether } from './building-blocks.ts'

/** Of ten hosts one is hostile, and they take turns in how. */
const GROUP = 10
const TURNS: readonly ('lies' | Hostility)[] = ['lies', 'silent', 'drips']
/** False blocks are marked with a byte. */
const MARKS = 255

/**
 * Peers that send wrong blocks, that never answer a request, and that send a block every ten seconds. All of them claim to have
 * everything. The bound is that of the honest hosts among themselves.
 */
export const hostile: Scenario = {
  name: 'hostile',
  summary: 'a tenth of the hosts lie, stay silent or drip',
  hosts: (request) => equalHosts(request).flatMap(engineOf),
  script,
}

function script(run: Simulation): void {
  const liars = new Set(run.leeches.filter(({ plan }) => plan.lies !== undefined).map(({ address }) => address.host))
  const honest = run.leeches.filter(({ plan }) => plan.lies === undefined)
  const bans = { liars: 0, others: 0 }
  for (const host of honest) {
    const onStart: HostWatcher['onStart'] = ({ events }) => {
      const banned = new Set<string>()
      events.on('peer', ({ kind, address }) => {
        if (kind !== 'banned' || banned.has(address.host)) return
        banned.add(address.host)
        bans[liars.has(address.host) ? 'liars' : 'others']++
      })
    }
    host.watch({ onStart, onStop: () => undefined })
  }
  startTogether(run)
  const others = othersOf(run)
  for (const peer of others) run.events.after(run.random.below(START_SPREAD_MS), () => peer.start())
  run.addFigures(() => ({
    honest: honest.length,
    liars: liars.size,
    silentAndDripping: others.length,
    requestsToSilentAndDripping: others.reduce((sum, { requests }) => sum + requests, 0),
    /** A liar that every honest host has banned counts as 1. */
    bansOfEachLiar: bans.liars / honest.length / liars.size,
    bansOfOthers: bans.others,
  }))
}

/** The peers that are not the engine. */
function othersOf(run: Simulation): HostilePeer[] {
  const peers: HostilePeer[] = []
  for (let number = 1; number <= run.options.hosts; number++) {
    const hostility = hostilityOf(number)
    if (hostility === undefined || hostility === 'lies') continue
    peers.push(new HostilePeer(run, { ...run.origin.plan, number, address: addressOf(number) }, hostility))
  }
  return peers
}

/** The host of `plan` if the engine runs on it. */
function engineOf(plan: HostPlan): HostPlan[] {
  const hostility = hostilityOf(plan.number)
  if (hostility === undefined) return [plan]
  return hostility === 'lies' ? [{ ...plan, lies: 1 + (plan.number % MARKS) }] : []
}

function hostilityOf(number: number): (typeof TURNS)[number] | undefined {
  return number % GROUP === GROUP / 2 ? TURNS[Math.floor(number / GROUP) % TURNS.length] : undefined
}
