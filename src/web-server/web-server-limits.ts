/** Every bound of the web server in one place; docs/limits.md explains them. Times in milliseconds. */
export const WEB_SERVER_LIMITS = {
  /** Connections that are served; more are told to come back later. */
  connections: 256,
  /** Connections beyond those, which get one answer (503) and are closed. */
  surplusConnections: 64,
  /** Connections of one address. */
  connectionsPerAddress: 32,
  /** Connections of one IPv6 /64, all of whose addresses a single host may have. */
  connectionsPerNetwork: 128,
  /** Connections that have not sent a whole request yet; one more drives out the oldest. */
  silentConnections: 64,
  /**
   * Memory for the requests of one connection that wait for the one before them (pipelining), before no more is read from it: libtorrent
   * asks for 16 MiB at a time, and in a tree of small files that is one request for each of them. What was read at once may go beyond it.
   */
  waitingBytes: 131_072,
  /** The same of all connections together, beyond which the one that has the most is closed. */
  waitingBytesInAll: 67_108_864,
  /** What a request counts for there beside its text, and each name and value of its header beside theirs. */
  requestBytes: 4_096,
  headerTextBytes: 32,
  /** Request line and headers together, in bytes. */
  headerBytes: 16_384,
  /** The headers of a request must be here this long after its first byte. */
  headersTimeoutMs: 10_000,
  /** A connection without a request is closed after this time. */
  keepAliveMs: 20_000,
  /** A client that takes nothing of its answer for this long is dropped. */
  unreadMs: 60_000,
  /** A client that takes its answer more slowly than this, chunk by chunk and after `unreadMs`, is dropped too. */
  leastBytesPerSecond: 512,
  /** When somebody who found no place should try again. */
  retryAfterMs: 10_000,
  /** Bytes that are read and sent at a time. */
  chunkBytes: 262_144,
  /** The same where a limit on what we send would make such a chunk a long one. */
  smallestChunkBytes: 16_384,
  /** Chunks in memory for all connections together; beyond them a connection gets one only if it has none. */
  chunks: 32,
  /** Chunks of one connection: one being read, one being sent. */
  chunksPerConnection: 2,
} as const
