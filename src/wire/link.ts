import type { PeerAddress } from '../base/address.ts'
import type { BlockBatch } from './block-batch.ts'
import type { CopyMessage, ExtensionHandshake, MetadataMessage, PartQuestion, PartSums, PeerExchangeMessage } from './extension-messages.ts'
import type { HashMessage } from './hash-message.ts'

/** What the first 68 bytes of a connection say of the peer (BEP 3, reserved bits of BEP 5, 6, 10 and 52). */
export interface PeerHandshake {
  readonly infoHash: Uint8Array
  readonly peerId: Uint8Array
  readonly supportsFast: boolean
  readonly supportsExtensions: boolean
  readonly supportsDht: boolean
  /** True if both sides know the torrent as one of v2 (BEP 52): hashes can be asked for. */
  readonly supportsV2: boolean
}

/**
 * One peer after the handshakes, seen from the swarm: the messages of BEP 3, 6, 10 and 52 as calls.
 * A socket stands behind it in production and a simulated link in the simulation.
 * Small messages are gathered and leave in one write at the end of the turn. After `close` every call does nothing.
 */
export interface PeerLink {
  readonly address: PeerAddress
  readonly direction: 'incoming' | 'outgoing'
  readonly peer: PeerHandshake
  /** Starts delivery to `handler`, beginning with what came in meanwhile. Called once. */
  attach(handler: LinkHandler): void
  choke(): void
  unchoke(): void
  interested(): void
  notInterested(): void
  have(piece: number): void
  bitfield(bytes: Uint8Array): void
  haveAll(): void
  haveNone(): void
  request(piece: number, begin: number, length: number): void
  cancel(piece: number, begin: number, length: number): void
  reject(piece: number, begin: number, length: number): void
  allowedFast(piece: number): void
  /** Advises the peer to take `piece` next (BEP 6). */
  suggest(piece: number): void
  /** The DHT port (BEP 5). */
  port(port: number): void
  extensionHandshake(handshake: ExtensionHandshake): void
  /** `id` is the number under which the peer wants the message (its `ExtensionHandshake.extensions`). */
  metadata(id: number, message: MetadataMessage): void
  peerExchange(id: number, message: PeerExchangeMessage): void
  dontHave(id: number, piece: number): void
  /** This host holds the tree. */
  copy(id: number, message: CopyMessage): void
  /** What the peer told of its copy was heard. */
  copyHeard(id: number, message: CopyMessage): void
  /** Asks for sums of parts of blocks. */
  partQuestion(id: number, message: PartQuestion): void
  /** Answers that. */
  partSums(id: number, message: PartSums): void
  hashMessage(message: HashMessage): void
  keepAlive(): void
  /** Sends the whole batch in one write; `onSent` is called once the network took it, or the link closed, and the batch may be used again. */
  sendBlocks(batch: BlockBatch, onSent: () => void): void
  /** Bytes handed over and not yet taken by the network. */
  readonly queuedBytes: number
  /** Stops reading from the peer, which slows it down through the network's own flow control. */
  pauseReading(): void
  resumeReading(): void
  /**
   * From now on indexes and bitfields are checked against `pieceCount`, and the bytes of blocks go into `blockMemory`.
   * Until then only the general limits hold (400,000 pieces) and blocks are thrown away.
   */
  setTorrent(pieceCount: number, blockMemory: Uint8Array): void
  /** Ends the link; the handler hears `onClose` with the same reason, once, before `close` returns. */
  close(reason: string): void
}

/**
 * What a peer may tell us. Every value is decoded and bounded; calls come in the order of the messages.
 * A message that breaks the protocol closes the link instead.
 */
export interface LinkHandler {
  onChoke(): void
  onUnchoke(): void
  onInterested(): void
  onNotInterested(): void
  onHave(piece: number): void
  /** What the peer has, or has by now if it came before; never less. The bytes are valid during the call only. */
  onBitfield(bytes: Uint8Array): void
  onHaveAll(): void
  onHaveNone(): void
  onRequest(piece: number, begin: number, length: number): void
  onCancel(piece: number, begin: number, length: number): void
  onReject(piece: number, begin: number, length: number): void
  onSuggest(piece: number): void
  onAllowedFast(piece: number): void
  onPort(port: number): void
  onExtensionHandshake(handshake: ExtensionHandshake): void
  onMetadata(message: MetadataMessage): void
  onPeerExchange(message: PeerExchangeMessage): void
  onDontHave(piece: number): void
  onCopy(message: CopyMessage): void
  onCopyHeard(message: CopyMessage): void
  onPartQuestion(message: PartQuestion): void
  onPartSums(message: PartSums): void
  onHashMessage(message: HashMessage): void
  /** The header of a block came. Returns the offset in the block memory at which its bytes belong, or -1 to throw them away. */
  onBlockStart(piece: number, begin: number, length: number): number
  /** All bytes of the block announced last are in their place (or thrown away). */
  onBlockEnd(piece: number, begin: number, length: number): void
  /** Called after each read from the network with its bytes, whatever they were: for rates, limits and time-outs. */
  onReceived(bytes: number): void
  /** Called with all bytes handed to the network, whatever they were. */
  onSent(bytes: number): void
  /** The link is gone; the last call. */
  onClose(reason: string): void
}

/** What we say of ourselves in the first 68 bytes. */
export interface OwnHandshake {
  readonly infoHash: Uint8Array
  readonly peerId: Uint8Array
  readonly supportsDht: boolean
  /** SHA-256 of the info dictionary, 32 bytes, once it is known that the torrent has a v2 half; `infoHash` may be the first 20 of them. */
  readonly infoHashV2?: Uint8Array | undefined
}

/** How a dial ended: a link past both handshakes, or why not. */
export type DialOutcome =
  | { readonly link: PeerLink }
  /**
   * `isSelf`: whoever answered has our own peer id. `isTurnedAway`: somebody was there, and hung up or answered with another info-hash: it may
   * know the torrent by another one.
   */
  | { readonly failure: string; readonly spokeBitTorrent: boolean; readonly isSelf?: boolean; readonly isTurnedAway?: boolean }

/** Opens links. */
export interface Dialer {
  /** Connects and shakes hands, all within its own time-outs; calls `done` once, never before it returns, and not at all once cancelled. */
  dial(address: PeerAddress, own: OwnHandshake, done: (outcome: DialOutcome) => void): { cancel(): void }
}
