import type { HostPort } from '../../discovery/host-port.ts'

/** What every verb that joins a swarm may be told about the network. */
export interface NetworkRequest {
  /** TCP and UDP port to listen on, 0 to 65535; 0 takes any free one, undefined prefers 6881 and takes any free one when it is in use. */
  readonly port: number | undefined
  /** IP address to listen on; undefined listens on all of them. */
  readonly bindAddress: string | undefined
  /** Peers to connect to at once; hosts may be names. */
  readonly peers: readonly HostPort[]
  readonly usesDht: boolean
  /** DHT nodes to start from; undefined means the public routers. */
  readonly dhtBootstrap: readonly HostPort[] | undefined
  /** Local service discovery (BEP 14). */
  readonly usesLocalDiscovery: boolean
  /** Peer exchange (BEP 11), both ways. */
  readonly usesPeerExchange: boolean
  /** Tracker URLs (http, https, udp) beside those of the torrent or magnet. */
  readonly trackers: readonly string[]
  /** Bytes a second; `Infinity` is no limit. */
  readonly upBytesPerSecond: number
  readonly downBytesPerSecond: number
  /** Connections at most, incoming included; at least 1. */
  readonly maxPeers: number
  /** Our zone, such as a rack or a site: a name of letters, digits and `. _ : / -`, or `subnet`; undefined leaves zones alone. */
  readonly zone: string | undefined
  /** Gives up with INCOMPLETE, NO_PEERS or NO_METADATA after this long; undefined waits for ever. */
  readonly timeoutMs: number | undefined
  /** Gives up with STALLED when no byte arrived for this long; undefined waits for ever. */
  readonly stallTimeoutMs: number | undefined
  /** Folder for what is remembered between runs, such as the nodes of the DHT and which trees this host holds, and for control sockets; absolute, created when needed. */
  readonly stateDir: string
}
