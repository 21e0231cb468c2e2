import type { Scenario } from '../scenario.ts'
import type { SimulatedHost } from '../simulated-host.ts'
import type { Simulation } from '../simulation.ts'
import { equalHosts, startTogether, storedBytes } from './building-blocks.ts'

const SHARE = 0.3
/** How long a host is off that comes back, in bounds. */
const LEAST_AWAY = 0.1
const MOST_AWAY = 0.8

/**
 * Hosts crash, and half of them come back with what was on their disk; the others need not finish. The time in which a host was off
 * counts as time that it had to take.
 */
export const crash: Scenario = {
  name: 'crash',
  summary: '30 % of the hosts crash within the first bound, half of them return with what they had stored',
  hosts: equalHosts,
  script,
}

function script(run: Simulation): void {
  const victims = draw(run, Math.round(run.leeches.length * SHARE))
  const returning = new Map<SimulatedHost, number>()
  for (const [index, victim] of victims.entries()) {
    const isLost = index % 2 === 1
    if (isLost) run.excuse(victim)
    run.events.after(fraction(run) * run.boundMs, () => {
      // Where the bound is short it may not have started yet.
      if (victim.isComplete || !victim.isRunning) return
      run.stop(victim, 'crashes')
      if (isLost) return
      returning.set(victim, inFlightOf(run, victim))
      const away = LEAST_AWAY + (MOST_AWAY - LEAST_AWAY) * fraction(run)
      run.events.after(away * run.boundMs, () => run.start(victim))
    })
  }
  startTogether(run)
  run.addFigures(() => {
    const inFlight = [...returning.values()]
    const twice = [...returning].map(([host, lost]) => inFlightOf(run, host) - lost)
    return {
      lastOfUnharmedOverBound: run.lastOverBound(run.leeches.filter((host) => !victims.includes(host))),
      lastOfReturnedOverBound: run.lastOverBound([...returning.keys()]),
      returned: returning.size,
      mostPiecesInFlightAtCrash: Math.max(0, ...inFlight) / run.torrent.pieceLengthBytes,
      mostDuplicateShareOfReturned: Math.max(0, ...[...returning.keys()].map(({ received }) => received.wasted)) / run.torrent.totalBytes,
      mostBytesFetchedTwiceBeyondThem: Math.max(0, ...twice),
    }
  })
}

/** Bytes that `host` received for something and that are not on its disk; once it has everything, those that it fetched twice. */
function inFlightOf(run: Simulation, host: SimulatedHost): number {
  const { downloaded, wasted } = host.received
  return downloaded - wasted - storedBytes(run, [host])
}

/** So many leeches at random. */
function draw(run: Simulation, count: number): SimulatedHost[] {
  const left = [...run.leeches]
  return Array.from({ length: count }, () => left.splice(run.random.below(left.length), 1)).flat()
}

function fraction(run: Simulation): number {
  return run.random.below(1_000_000) / 1_000_000
}
