/** Every bound of the swarm in one place; docs/limits.md explains them. Times in milliseconds. */
export const LIMITS = {
  /**
   * Peers that may ask for blocks at the same time: many, because in a fleet an uplink that waits for its turn is an uplink lost;
   * fewer when a limit on what we send would leave each of them less than `slotBytesPerSecond`, which is the least that is worth having.
   */
  unchokedPeers: 20,
  fewestUnchokedPeers: 4,
  slotBytesPerSecond: 32_768,
  /** Requests that we queue for one peer; told to it as `reqq` (BEP 10). More are rejected. */
  queuedRequests: 500,
  /** Requests that we have under way at one peer, whatever `reqq` it names. */
  outstandingRequests: 1024,
  /** What a peer that names no `reqq` can be expected to queue. */
  assumedRequestQueue: 250,
  /** Pieces that one peer may let us have while it chokes us (BEP 6), and that we let each peer have. */
  allowedFastPieces: 64,
  grantedFastPieces: 6,
  /** Suggestions of one peer that are remembered (BEP 6). */
  suggestedPieces: 64,
  /** Blocks nobody asked for that one peer may send before it is dropped. */
  unrequestedBlocks: 512,
  /** Requests that break the rules (out of range, choked without end) before a peer is dropped. */
  badRequests: 10,
  /** Bytes waiting in one peer's socket before nothing more is read from disk for it. */
  socketQueueBytes: 1_048_576,
  /** Batches of blocks on their way to one peer: one being read, one being sent, one waiting. */
  batchesPerPeer: 3,
  /** Batches of blocks in memory for all peers together, 256 KiB each; beyond them a peer gets one only if it has none. */
  batches: 32,
  /** No block in this time: the peer is snubbing us, its requests go to others. */
  requestTimeoutMs: 20_000,
  /** A block that began to arrive must end within this time. */
  blockTimeoutMs: 15_000,
  /** A peer that owed us blocks and sent nothing useful in this time is dropped. */
  uselessPeerMs: 60_000,
  /** A peer that takes nothing of what is waiting in its socket for this long is dropped. */
  unreadMs: 300_000,
  /** Nothing at all from a peer in this time: it is gone. */
  idleTimeoutMs: 150_000,
  /** We say something at least this often (BEP 3: every two minutes). */
  keepAliveMs: 90_000,
  /** Connections being opened at the same time. */
  dialsUnderWay: 24,
  /** Peers that are of use, and that a host which fetches looks for; see `PeerDemand`. */
  wantedPeers: 12,
  /** The same for a host that was given a zone: most of the others of a rack. */
  wantedPeersInZone: 40,
  /** Peers that it lets in beyond those that it looks for. */
  sparePeers: 4,
  /** Places of a host that counts copies, beyond all others, for those who come to tell of theirs; whoever comes for more leaves at once. */
  visitors: 16,
  /** Addresses remembered. */
  knownAddresses: 1_000,
  /** Peers from which the info dictionary is taken at the same time. */
  metadataSources: 2,
  /** A metadata request is given up after this time. */
  metadataTimeoutMs: 6_000,
  /** A source of metadata that would need four times this gives its place to a peer that waits; each later turn is twice as long. */
  metadataTurnMs: 6_000,
  /** A peer that refused, or did not answer in time, is asked for metadata again after this time. */
  metadataRetryMs: 15_000,
  /**
   * Copies of the info dictionary that one peer may ask of us in a minute, and metadata pieces that it may in any case. Transmission 3.00 cannot
   * parse that of a hybrid, and asks for it anew every two seconds.
   */
  metadataCopiesPerMinute: 3,
  metadataRequestsAtLeast: 100,
  /** Peer exchange: a message a minute is the rule (BEP 11); more often than this is abuse. */
  peerExchangePeriodMs: 60_000,
  peerExchangeMinimumMs: 20_000,
  /** Requests for hashes (BEP 52) that one peer is asked at the same time, and that it has not answered. */
  hashRequestsUnderWay: 8,
  /** A request for hashes is given up after this time. */
  hashTimeoutMs: 10_000,
  /** A peer that refuses hashes, or is too slow, is left alone for this time. */
  hashRetryMs: 10_000,
  /** A hybrid torrent waits at most so long for its piece layers; after that it goes by the hashes of v1. */
  layerPatienceMs: 60_000,
  /** Wrong pieces for which peers are asked who is to blame, at the same time; of each that many peers. */
  piecesInDoubt: 64,
  leafSources: 6,
  /** Bytes of hashes that one peer gets in a minute, with 256 for each request. */
  hashBytesPerMinute: 33_554_432,
  /** Requests for hashes of blocks that wait for a piece to be read: of one peer, and of all. */
  leafRequestsOfPeer: 4,
  leafRequests: 32,
  /** Bytes that are read in a minute for hashes of blocks: for one peer, and for all. A piece is read even where it is larger. */
  leafReadBytesOfPeer: 67_108_864,
  leafReadBytes: 536_870_912,
  /** Questions for sums of parts of blocks that a new peer is asked at the same time, one more for each that it answered, and at most. */
  firstPartQuestions: 4,
  partQuestions: 32,
  /** Those that wait here from all peers; from one as many as it may be asked. */
  partQuestionsOfAll: 512,
  /** Such a question is given up after this time: nobody else can be asked for the blocks meanwhile. */
  partTimeoutMs: 4_000,
  /** So many of the pieces that a peer told sums for may be wrong, and one more for each so many that it told some for: more are no mistake. */
  partWrongPieces: 2,
  partAnswersPerWrong: 64,
  /** A peer that refuses them, or told some for too many pieces that were wrong, is left alone with them for this time. */
  partRetryMs: 10_000,
  /** Bytes that are read in a minute for sums of parts: for one peer, and for all. */
  partReadBytesOfPeer: 536_870_912,
  partReadBytes: 2_147_483_648,
} as const
