import { formatAddress } from '../../src/base/address.ts'
import type { Swarm } from '../../src/swarm/swarm.ts'
import type { SimulatedHost } from './simulated-host.ts'
import type { Simulation } from './simulation.ts'

/**
 * One host's story as lines of JSON: its connections, its pieces, its completion, and figures once a second. It looks only at what
 * nobody can tell was looked at, so a run with a trace is the same run.
 */
export class Trace {
  readonly #run: Simulation
  readonly #host: SimulatedHost
  readonly #write: (line: string) => void
  #sentBytes = 0
  #receivedBytes = 0

  constructor(run: Simulation, host: SimulatedHost, write: (line: string) => void) {
    this.#run = run
    this.#host = host
    this.#write = write
    host.watch({ onStart: (swarm) => this.#onStart(swarm), onStop: (how) => this.#tell('stopped', { how }) })
    run.lookEverySecond(() => this.#onSecond())
  }

  #onStart(swarm: Swarm): void {
    const { address, plan, stored } = this.#host
    const link = { upBytesPerSecond: plan.upBytesPerSecond, downBytesPerSecond: plan.downBytesPerSecond }
    this.#tell('started', { host: plan.number, address: formatAddress(address), ...link, pieces: stored.count })
    swarm.events.on('peer', ({ kind, address: peer, origin, reason, downloadedBytes, uploadedBytes }) => {
      this.#tell('peer', { kind, address: formatAddress(peer), origin, reason, downloadedBytes, uploadedBytes })
    })
    swarm.events.on('metadata', () => this.#tell('metadata', {}))
    swarm.events.on('piece', (piece) => this.#tell('piece', { piece, pieces: stored.count }))
    swarm.events.on('corrupt', (piece) => this.#tell('corrupt', { piece }))
    swarm.events.on('complete', () => this.#tell('complete', {}))
  }

  #onSecond(): void {
    const { up, down, stored, isRunning } = this.#host
    if (!isRunning) return
    this.#tell('second', {
      pieces: stored.count,
      connections: this.#run.network.connectionsOf(this.#host),
      upBytesPerSecond: Math.round(up.totalBytes - this.#sentBytes),
      downBytesPerSecond: Math.round(down.totalBytes - this.#receivedBytes),
    })
    this.#sentBytes = up.totalBytes
    this.#receivedBytes = down.totalBytes
  }

  #tell(type: string, what: Readonly<Record<string, unknown>>): void {
    this.#write(`${JSON.stringify({ atSeconds: this.#run.events.nowMs() / 1_000, type, ...what })}\n`)
  }
}
