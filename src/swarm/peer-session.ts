import { Bitfield } from '../base/bitfield.ts'
import type { Clock } from '../base/clock.ts'
import type {
  CopyMessage,
  ExtensionHandshake,
  MetadataMessage,
  PartQuestion,
  PartSums,
  PeerExchangeMessage,
} from '../wire/extension-messages.ts'
import type { HashMessage } from '../wire/hash-message.ts'
import type { LinkHandler } from '../wire/link.ts'
import type { CopyExchange } from './copy-exchange.ts'
import { EarlyPieces } from './early-pieces.ts'
import type { HashExchange } from './hash-trees/hash-exchange.ts'
import { LIMITS } from './limits.ts'
import type { MetadataExchange } from './metadata-exchange.ts'
import type { Peer } from './peer.ts'
import type { PeerExchange } from './peer-exchange.ts'
import type { TorrentSession } from './torrent-session.ts'

/** What a session needs of the swarm that it belongs to. */
export interface PeerSessionParts {
  readonly clock: Clock
  readonly metadata: MetadataExchange
  readonly peerExchange: PeerExchange | undefined
  readonly copies: CopyExchange | undefined
  readonly hashes: HashExchange
  torrent(): TorrentSession | undefined
  /** The peer became interested or lost interest. */
  onInterestChange(peer: Peer): void
  /** What we may want of the peer changed. */
  onPiecesChange(peer: Peer): void
  /** The peer told more of itself (BEP 10). */
  onIntroduced(peer: Peer): void
  onDhtPort(peer: Peer, port: number): void
  /** Bytes came from the network: rate limits. */
  onReceived(bytes: number): void
  onClosed(peer: Peer, reason: string): void
}

/** Hears one peer: keeps its state and calls the part of the swarm that each message is for. */
export class PeerSession implements LinkHandler {
  readonly #peer: Peer
  readonly #parts: PeerSessionParts
  /** Haves and dont-haves came; many come in one read, and what follows from them is looked at once. */
  #hasNews = false

  constructor(peer: Peer, parts: PeerSessionParts) {
    this.#peer = peer
    this.#parts = parts
  }

  onChoke(): void {
    const peer = this.#peer
    peer.isChoking = true
    peer.suggestions.length = 0
    // With the fast extension each request is answered by a block or a reject; without it they are all forgotten (BEP 6).
    if (peer.link.peer.supportsFast) this.#parts.torrent()?.downloader.leaveOff(peer)
    else this.#parts.torrent()?.downloader.releaseRequests(peer)
  }

  onUnchoke(): void {
    this.#peer.isChoking = false
    this.#peer.exhaustedAt = -1
    this.#parts.torrent()?.downloader.fill(this.#peer)
  }

  onInterested(): void {
    this.#peer.isInterested = true
    this.#parts.onInterestChange(this.#peer)
  }

  onNotInterested(): void {
    this.#peer.isInterested = false
    this.#parts.onInterestChange(this.#peer)
  }

  onHave(piece: number): void {
    const { pieces } = this.#peer
    if (pieces === undefined) {
      this.#early().have(piece)
      return
    }
    if (!pieces.add(piece)) return
    const torrent = this.#parts.torrent()
    torrent?.superSeeder?.onHave(this.#peer, piece)
    torrent?.downloader.addPiece(this.#peer, piece)
    this.#hasNews = true
  }

  onBitfield(bytes: Uint8Array): void {
    const torrent = this.#parts.torrent()
    if (torrent === undefined) {
      this.#early().bitfield(bytes)
      return
    }
    // It may come again, in place of many haves: what is new in it counts.
    const pieces = Bitfield.fromBytes(bytes, torrent.layout.pieceCount)
    if (pieces === undefined) this.#peer.link.close('sent a bitfield with spare bits set')
    else this.#takePieces(pieces)
  }

  onHaveAll(): void {
    const torrent = this.#parts.torrent()
    if (torrent === undefined) {
      this.#early().haveAll()
      return
    }
    const pieces = new Bitfield(torrent.layout.pieceCount)
    pieces.fill()
    this.#takePieces(pieces)
  }

  onHaveNone(): void {
    // Nothing to note: that is what is assumed of everybody.
  }

  /** The info dictionary is known now: what the peer said before is looked at again. */
  onTorrent(): void {
    const torrent = this.#parts.torrent()
    if (torrent === undefined) return
    const { pieceCount } = torrent.layout
    const early = this.#peer.earlyPieces
    this.#peer.earlyPieces = undefined
    const pieces = early === undefined ? new Bitfield(pieceCount) : early.resolve(pieceCount)
    if (pieces === undefined) this.#peer.link.close('claimed pieces that the torrent does not have')
    else this.#takePieces(pieces)
  }

  onRequest(piece: number, begin: number, length: number): void {
    const torrent = this.#parts.torrent()
    if (torrent === undefined) {
      if (this.#peer.link.peer.supportsFast) this.#peer.link.reject(piece, begin, length)
    } else if (!torrent.uploader.onRequest(this.#peer, piece, begin, length)) {
      this.#peer.link.close('asked for blocks that do not exist')
    } else torrent.superSeeder?.onRequest(this.#peer, piece)
  }

  onCancel(piece: number, begin: number, length: number): void {
    this.#parts.torrent()?.uploader.onCancel(this.#peer, piece, begin, length)
  }

  onReject(piece: number, begin: number, _length: number): void {
    this.#parts.torrent()?.downloader.onReject(this.#peer, piece, begin)
  }

  onSuggest(piece: number): void {
    if (this.#peer.suggestions.length < LIMITS.suggestedPieces) this.#peer.suggestions.push(piece)
  }

  onAllowedFast(piece: number): void {
    const torrent = this.#parts.torrent()
    const { allowedFast } = this.#peer
    if (allowedFast.length >= LIMITS.allowedFastPieces || allowedFast.includes(piece)) return
    allowedFast.push(piece)
    this.#peer.exhaustedAt = -1
    torrent?.downloader.fill(this.#peer)
  }

  onPort(port: number): void {
    this.#parts.onDhtPort(this.#peer, port)
  }

  onExtensionHandshake(handshake: ExtensionHandshake): void {
    const told = this.#peer.extension
    // The port that it named first stays: each new one would be one more address in the book, which has room for so many only.
    const listenPort = told?.listenPort ?? handshake.listenPort
    this.#peer.extension = { ...told, ...handshake, ...(listenPort === undefined ? {} : { listenPort }) }
    this.#parts.onIntroduced(this.#peer)
    this.#parts.copies?.onIntroduced(this.#peer)
    this.#parts.metadata.look()
    this.#parts.hashes.look()
  }

  onMetadata(message: MetadataMessage): void {
    this.#parts.metadata.onMessage(this.#peer, message)
  }

  onPeerExchange(message: PeerExchangeMessage): void {
    this.#parts.peerExchange?.onMessage(this.#peer, message)
  }

  onDontHave(piece: number): void {
    if (this.#peer.pieces?.delete(piece) !== true) return
    this.#parts.torrent()?.downloader.removePiece(this.#peer, piece)
    this.#hasNews = true
  }

  onCopy(message: CopyMessage): void {
    this.#parts.copies?.onMessage(this.#peer, message)
  }

  onCopyHeard(message: CopyMessage): void {
    this.#parts.copies?.onHeard(this.#peer, message)
  }

  onPartQuestion(question: PartQuestion): void {
    const torrent = this.#parts.torrent()
    if (torrent === undefined) this.#peer.tellParts(question)
    else torrent.partServer.onQuestion(this.#peer, question)
  }

  onPartSums(answer: PartSums): void {
    const isAnswer = this.#parts.torrent()?.downloader.headStart.onPartSums(this.#peer, answer) === true
    if (!isAnswer) this.#peer.link.close('sent sums that nobody asked for')
  }

  onHashMessage(message: HashMessage): void {
    this.#parts.hashes.onMessage(this.#peer, message)
  }

  onBlockStart(piece: number, begin: number, length: number): number {
    const peer = this.#peer
    const torrent = this.#parts.torrent()
    if (torrent === undefined) peer.unrequestedBlocks++
    const offset = torrent?.downloader.onBlockStart(peer, piece, begin, length) ?? -1
    if (peer.unrequestedBlocks > LIMITS.unrequestedBlocks) peer.link.close('sent blocks that nobody asked for')
    return offset
  }

  onBlockEnd(_piece: number, _begin: number, length: number): void {
    this.#parts.torrent()?.downloader.onBlockEnd(this.#peer, length)
  }

  onReceived(bytes: number): void {
    this.#peer.lastHeardMs = this.#parts.clock.nowMs()
    this.#parts.onReceived(bytes)
    if (!this.#hasNews || this.#peer.isClosed) return
    this.#hasNews = false
    this.#parts.onPiecesChange(this.#peer)
  }

  onSent(_bytes: number): void {
    this.#peer.lastSentMs = this.#parts.clock.nowMs()
  }

  onClose(reason: string): void {
    this.#parts.onClosed(this.#peer, reason)
  }

  #early(): EarlyPieces {
    this.#peer.earlyPieces ??= new EarlyPieces()
    return this.#peer.earlyPieces
  }

  #takePieces(pieces: Bitfield): void {
    const torrent = this.#parts.torrent()
    torrent?.superSeeder?.onPieces(this.#peer, pieces)
    const known = this.#peer.pieces
    if (known === undefined || known.count === 0) {
      this.#peer.pieces = pieces
      torrent?.downloader.addPieces(this.#peer, pieces)
    } else {
      for (const piece of pieces.members()) if (known.add(piece)) torrent?.downloader.addPiece(this.#peer, piece)
    }
    this.#parts.onPiecesChange(this.#peer)
  }
}
