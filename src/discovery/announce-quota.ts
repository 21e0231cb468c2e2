import type { Clock } from '../base/clock.ts'

const GENERATION_MS = 20 * 60_000
const MAX_SWARMS = 5_000
/** More would only cost time: a reply carries 25 of them. */
const MAX_PEERS_PER_SWARM = 300

/** Announced peers of one info-hash, by address. */
interface Announced {
  readonly portsByHost: Map<string, Set<number>>
  peers: number
}

/**
 * How many ports one address may announce for one info-hash, so that one machine cannot fill the list of a swarm with itself;
 * and how many peers a swarm may have here. What is announced counts for 20 minutes at least and 40 at most.
 */
export class AnnounceQuota {
  readonly #clock: Clock
  readonly #portsPerAddress: number
  #young = new Map<string, Announced>()
  #old = new Map<string, Announced>()
  #bornMs: number

  constructor(clock: Clock, portsPerAddress: number) {
    this.#clock = clock
    this.#portsPerAddress = portsPerAddress
    this.#bornMs = clock.nowMs()
  }

  /** True if `host` may (still) be listed with `port` under `infoHash`; counts it then. */
  take(infoHash: string, host: string, port: number): boolean {
    this.#age()
    const young = this.#young.get(infoHash)
    const ports = young?.portsByHost.get(host)
    if (ports?.has(port) === true) return true
    const old = this.#old.get(infoHash)
    const oldPorts = old?.portsByHost.get(host)
    const isNew = oldPorts?.has(port) !== true
    if (isNew && (ports?.size ?? 0) + (oldPorts?.size ?? 0) >= this.#portsPerAddress) return false
    if (isNew && (young?.peers ?? 0) + (old?.peers ?? 0) >= MAX_PEERS_PER_SWARM) return false
    if (old !== undefined && oldPorts?.delete(port) === true) old.peers--
    this.#add(infoHash, host, port)
    return true
  }

  #add(infoHash: string, host: string, port: number): void {
    const swarm = this.#young.get(infoHash) ?? { portsByHost: new Map<string, Set<number>>(), peers: 0 }
    const ports = swarm.portsByHost.get(host) ?? new Set<number>()
    this.#young.set(infoHash, swarm)
    swarm.portsByHost.set(host, ports.add(port))
    swarm.peers++
  }

  #age(): void {
    const nowMs = this.#clock.nowMs()
    if (nowMs - this.#bornMs < GENERATION_MS && this.#young.size < MAX_SWARMS) return
    this.#old = this.#young
    this.#young = new Map()
    this.#bornMs = nowMs
  }
}
