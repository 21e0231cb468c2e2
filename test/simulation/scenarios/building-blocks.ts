import type { PeerAddress } from '../../../src/base/address.ts'
import { Bitfield } from '../../../src/base/bitfield.ts'
import type { HostsRequest } from '../scenario.ts'
import type { HostPlan, SimulatedHost } from '../simulated-host.ts'
import type { Simulation } from '../simulation.ts'

/** To the middle of the network and as much again to the other host: 0.5 to 4 ms from end to end. */
const LEAST_LATENCY_MS = 0.25
const MOST_LATENCY_MS = 2
/** Processes that are started by one command do not start at the very same moment. */
export const START_SPREAD_MS = 200

/** The origin and as many hosts as asked for, all with the same link. */
export function equalHosts({ hosts, linkBytesPerSecond, random }: HostsRequest): HostPlan[] {
  return Array.from({ length: hosts + 1 }, (_, number) => ({
    number,
    upBytesPerSecond: linkBytesPerSecond,
    downBytesPerSecond: linkBytesPerSecond,
    latencyMs: LEAST_LATENCY_MS + ((MOST_LATENCY_MS - LEAST_LATENCY_MS) * random.below(1_000)) / 1_000,
    address: addressOf(number),
    isOrigin: number === 0,
  }))
}

/** Where the host of that number is. */
export function addressOf(number: number): PeerAddress {
  return { host: `10.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}`, port: 6881 }
}

/** The origin starts at once and all others within the next fifth of a second. */
export function startTogether(run: Simulation): void {
  startWithin(run, START_SPREAD_MS)
}

/** The origin starts at once and each of the others at a moment of its own within `spreadMs`. */
export function startWithin(run: Simulation, spreadMs: number): void {
  run.start(run.origin)
  for (const leech of run.leeches) run.events.after(run.random.below(spreadMs), () => run.start(leech))
}

/** Calls `onPiece` whenever a piece is verified at a leech, in any of its lives. */
export function watchPieces(run: Simulation, onPiece: (piece: number) => void): void {
  for (const leech of run.leeches) {
    leech.watch({ onStart: (swarm) => void swarm.events.on('piece', onPiece), onStop: () => undefined })
  }
}

/** Of the content, what is on the disks of `hosts` together, in bytes. */
export function storedBytes(run: Simulation, hosts: readonly SimulatedHost[]): number {
  const together = new Bitfield(run.torrent.pieceCount)
  let bytes = 0
  for (const host of hosts) for (const piece of host.stored.members()) if (together.add(piece)) bytes += run.torrent.pieceBytes(piece)
  return bytes
}
