import type { PeerAddress } from '../../base/address.ts'
import type { Events } from '../../base/events.ts'
import type { HostPort } from '../../discovery/host-port.ts'
import type { VerbEvents } from '../events.ts'

/** Run a DHT node and nothing else, for others to start from. */
export interface DhtRequest {
  /** UDP port, 0 to 65535; 0 takes any free one, undefined prefers 6881 and takes any free one when it is in use. */
  readonly port: number | undefined
  /** IPv4 address to listen on; undefined listens on all of them. */
  readonly bindAddress: string | undefined
  /** Nodes to start from; empty makes the first node of a closed network. */
  readonly bootstrap: readonly HostPort[]
  /** Folder for the routing table; absolute. */
  readonly stateDir: string
}

/** Calls `onListening` once with the address; then runs until `signal` is aborted, and resolves. Rejects with LISTEN_FAILED or NAME_NOT_FOUND. */
export type DhtVerb = (
  request: DhtRequest,
  onListening: (address: PeerAddress) => void,
  events: Events<VerbEvents>,
  signal: AbortSignal,
) => Promise<void>
