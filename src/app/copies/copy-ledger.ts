import { formatAddress } from '../../base/address.ts'
import type { CopyEvent } from '../../swarm/copy-exchange.ts'

/** Hosts that are remembered; those beyond are not counted. */
export const MOST_HOSTS = 100_000

/** A client that does not tell of its copy: a host as far as can be seen. */
interface SeenClient {
  peerId: string
  isConnected: boolean
}

/**
 * Which hosts hold the tree. One that told us counts once, by its id, however often it comes and from wherever, and stays counted when it is
 * gone. A client that does not know the message counts once by its peer id; when it comes back under another one to the address where it
 * listens, and the first is gone, it was started again and is the same.
 */
export class CopyLedger {
  readonly #told = new Set<string>()
  readonly #seen = new Map<string, SeenClient>()
  readonly #byAddress = new Map<string, SeenClient>()

  /** Hosts that hold the tree, or held it. */
  get count(): number {
    return this.#told.size + this.#seen.size
  }

  /** True if this is a host that was not counted yet. */
  add(copy: CopyEvent): boolean {
    const { count } = this
    if (copy.hostId === undefined) this.#see(copy)
    else if (this.#told.has(copy.hostId) || this.#hasRoom || this.#seen.has(copy.peerId)) {
      this.#forget(copy.peerId)
      this.#told.add(copy.hostId)
    }
    return this.count > count
  }

  /** The connection with a peer ended. */
  onLeave(peerId: string): void {
    const client = this.#seen.get(peerId)
    if (client !== undefined) client.isConnected = false
  }

  get #hasRoom(): boolean {
    return this.count < MOST_HOSTS
  }

  #see({ peerId, listenAddress }: CopyEvent): void {
    const known = this.#seen.get(peerId)
    if (known !== undefined) {
      known.isConnected = true
      return
    }
    const place = listenAddress === undefined ? undefined : formatAddress(listenAddress)
    const earlier = place === undefined ? undefined : this.#byAddress.get(place)
    if (earlier !== undefined && !earlier.isConnected) {
      this.#seen.delete(earlier.peerId)
      earlier.peerId = peerId
      earlier.isConnected = true
      this.#seen.set(peerId, earlier)
      return
    }
    if (!this.#hasRoom) return
    const client = { peerId, isConnected: true }
    this.#seen.set(peerId, client)
    if (place !== undefined) this.#byAddress.set(place, client)
  }

  /** The client turned out to be a host that tells. */
  #forget(peerId: string): void {
    const client = this.#seen.get(peerId)
    if (client === undefined) return
    this.#seen.delete(peerId)
    for (const [place, other] of this.#byAddress) if (other === client) this.#byAddress.delete(place)
  }
}
