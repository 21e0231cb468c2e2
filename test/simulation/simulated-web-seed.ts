import type { ContentRange, RangeRead, RangeReader, WebSeed } from '../../src/web-seed/web-seed.ts'
import type { Parcel } from './parcel.ts'
import type { NetworkNode, SimulatedNetwork } from './simulated-network.ts'
import type { WayEnds } from './way.ts'

/** The headers of a request for a range, and of the answer. */
const REQUEST_BYTES = 200
const RESPONSE_BYTES = 300
/** What a server writes at a time. */
const WRITE_BYTES = 65_536

/** A server as one host sees it: ranges of a content that does not exist come over the lines of the network, on a connection each. */
export class SimulatedWebSeed implements WebSeed {
  readonly label = 'mirror'
  readonly #network: SimulatedNetwork
  readonly #server: NetworkNode
  readonly #host: NetworkNode
  readonly #nothing: Uint8Array

  /** A block is `scale` times as long as a real one, and so is what the server writes at a time. */
  constructor(network: SimulatedNetwork, server: NetworkNode, host: NetworkNode, scale: number) {
    this.#network = network
    this.#server = server
    this.#host = host
    this.#nothing = new Uint8Array(WRITE_BYTES * Math.max(1, scale / 4))
  }

  read({ lengthBytes }: ContentRange, reader: RangeReader): RangeRead {
    const { events, parcels } = this.#network
    const { traffic } = this.#server
    let toCome = lengthBytes
    let isOver = false
    const ends: WayEnds = {
      onLeft: () => undefined,
      deliver: (parcel: Parcel) => {
        const bytes = Math.min(toCome, parcel.bytes)
        parcels.giveBack(parcel)
        if (isOver) return
        toCome -= bytes
        reader.onBytes(this.#nothing.subarray(0, bytes))
        if (toCome > 0 || isOver) return
        isOver = true
        reader.onEnd(undefined)
      },
    }
    const way = this.#network.way(this.#server, this.#host, ends)
    this.#host.traffic.otherBytes += REQUEST_BYTES
    events.after(this.#server.latencyMs + this.#host.latencyMs, () => {
      if (isOver) return
      traffic.otherBytes += RESPONSE_BYTES
      for (let left = lengthBytes; left > 0; left -= this.#nothing.length) {
        const parcel = parcels.take()
        parcel.addBytes(Math.min(left, this.#nothing.length))
        traffic.payloadBytes += parcel.bytes
        way.send(parcel)
      }
    })
    return {
      pause: () => undefined,
      resume: () => undefined,
      cancel: () => {
        isOver = true
        for (const parcel of way.break()) traffic.payloadBytes -= parcel.bytes
      },
    }
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}
