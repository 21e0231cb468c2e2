/** The part of the DHT library that we use; the package brings no types. */
declare module 'bittorrent-dht' {
  import type { EventEmitter } from 'node:events'

  interface DhtOptions {
    readonly nodeId: Buffer
    /** Anything with the methods `bind`, `address`, `send` and `close` and the event `message`. */
    readonly socket: EventEmitter
    /** False: it knows nobody until `addNode`. */
    readonly bootstrap: false
    /** Milliseconds for which announced peers are kept, on average. */
    readonly maxAge: number
    /** Announced peers that are kept. */
    readonly maxPeers: number
    /** Milliseconds until a question counts as unanswered. */
    readonly timeout: number
  }

  interface DhtPeer {
    readonly host: string
    readonly port: number
  }

  interface DhtTable {
    get(id: Uint8Array): DhtPeer | null
    count(): number
    closest(id: Uint8Array, limit: number): readonly (DhtPeer & { readonly id: Buffer })[]
  }

  class DHT extends EventEmitter {
    readonly nodes: DhtTable
    constructor(options: DhtOptions)
    listen(): void
    /** With an id: takes the node's existence for granted. */
    addNode(node: DhtPeer & { readonly id: Buffer }): void
    /** Calls back with the number of nodes that answered. */
    lookup(infoHash: Buffer, done: (error: Error | null, answers?: number) => void): () => void
    toJSON(): { readonly nodes: readonly DhtPeer[] }
    destroy(done: () => void): void
    on(event: 'peer', listener: (peer: DhtPeer, infoHash: Uint8Array) => void): this
    on(event: 'announce', listener: (peer: DhtPeer, infoHash: Uint8Array) => void): this
    on(event: 'node' | 'warning' | 'error', listener: () => void): this
  }

  export default DHT
}
