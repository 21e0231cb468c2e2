import type { PeerAddress, PeerOrigin } from '../base/address.ts'
import { Bitfield } from '../base/bitfield.ts'
import type { Timer } from '../base/clock.ts'
import type { DistroError } from '../base/errors.ts'
import { Events } from '../base/events.ts'
import type { MerkleTrees } from '../torrent/merkle-trees.ts'
import type { NamedBy, WebSeed } from '../web-seed/web-seed.ts'
import type { CopyMessage } from '../wire/extension-messages.ts'
import type { PeerLink } from '../wire/link.ts'
import { culpritOf } from './ban-list.ts'
import type { BlockSource } from './block-source.ts'
import { careForConnections } from './connection-care.ts'
import { Connections } from './connections.ts'
import { type CopyEvent, CopyExchange } from './copy-exchange.ts'
import { DownloadGate } from './download-gate.ts'
import { HashExchange } from './hash-trees/hash-exchange.ts'
import { HaveAnnouncer } from './have-announcer.ts'
import { introduce, sendExtensionHandshake } from './introduction.ts'
import { MetadataExchange } from './metadata-exchange.ts'
import { Peer } from './peer.ts'
import { PeerChoking } from './peer-choking.ts'
import { PeerExchange } from './peer-exchange.ts'
import { PeerSession } from './peer-session.ts'
import { peerEventOf, peerStatusOf, statusOf } from './swarm-status.ts'
import type { PeerStatus, SwarmEvents, SwarmOptions, SwarmStatus } from './swarm-types.ts'
import { beginTorrent, type SwarmTorrent, type TorrentSession } from './torrent-session.ts'
import type { WebSeedStatus } from './web-seeds/web-seeds.ts'

const TICK_MS = 1_000

/** One torrent among its peers: joins the parts that decide who gets what from whom. */
export class Swarm {
  readonly events: Events<SwarmEvents> = new Events()
  readonly #options: SwarmOptions
  readonly #peers = new Map<number, Peer>()
  /** Everything that blocks come from: the peers, and the web seeds. */
  readonly #sources = new Map<number, BlockSource>()
  readonly #sessions = new Map<Peer, PeerSession>()
  readonly #connections: Connections
  readonly #metadata: MetadataExchange
  readonly #peerExchange: PeerExchange | undefined
  readonly #copies: CopyExchange | undefined
  readonly #hashes: HashExchange
  readonly #choking: PeerChoking
  readonly #gate: DownloadGate
  readonly #haves: HaveAnnouncer
  #torrent: TorrentSession | undefined
  #wanted = new Bitfield(0)
  #ticker: Timer | undefined
  #lastNumber = 0
  #completeMs = Number.POSITIVE_INFINITY
  #departedDownBytes = 0
  #departedUpBytes = 0
  #isStopped = false
  readonly #warned = new Set<string>()

  constructor(options: SwarmOptions) {
    this.#options = options
    const { clock, random } = options
    const torrent = (): TorrentSession | undefined => this.#torrent
    this.#connections = new Connections({
      options,
      peers: this.#peers,
      torrent,
      onLink: (link, origin) => this.#join(link, origin),
      onDialled: () => this.#copies?.look(),
    })
    this.#gate = new DownloadGate(clock, options.downLimit, this.#sources)
    this.#haves = new HaveAnnouncer(clock, this.#peers)
    const banFor = (reason: string) => (peer: Peer) => this.#ban(culpritOf(peer.link), reason)
    const onMetadata = (infoBytes: Uint8Array): void => this.events.emit('metadata', infoBytes)
    this.#metadata = MetadataExchange.of(options, this.#peers, onMetadata, banFor('sent a wrong info dictionary'))
    this.#peerExchange = PeerExchange.of(options, this.#peers, (addresses) => this.addPeers(addresses, 'pex'))
    this.#copies = CopyExchange.of(options, this.#peers, this.#connections, this.events)
    this.#hashes = HashExchange.of(options, this.#peers, torrent, banFor('sent wrong hashes'))
    this.#choking = new PeerChoking({
      clock,
      random,
      upBytesPerSecond: options.upLimit.bytesPerSecond,
      peers: this.#peers,
      torrent,
    })
  }

  /** Begins to look after time-outs and turns; peers may be added before. */
  start(): void {
    this.#ticker ??= this.#options.clock.every(TICK_MS, () => this.#onTick())
  }

  /** The info dictionary is known: pieces can be fetched and served from now on. Called once. */
  setTorrent(torrent: SwarmTorrent): void {
    const { layout, store } = torrent
    const session = beginTorrent(
      torrent,
      this.#options,
      { peers: this.#peers, sources: this.#sources },
      {
        onPiece: (piece) => this.#onPiece(piece, torrent.servable),
        onCorruptPiece: (piece) => this.events.emit('corrupt', piece),
        onGuilty: (culprit, piece) => this.#ban(culprit, `sent wrong data for piece ${piece}`),
        onDoubt: (piece) => this.#hashes.onDoubt(piece),
        onFailed: (error) => this.#fail(error),
        onUnreadable: (piece, error) => this.#onUnreadable(piece, error),
        onWebSeedFailure: (failure) => this.events.emit('webSeed', failure),
        onWebSeedLeft: (webSeed) => this.events.emit('webSeedLeft', webSeed),
        onReceived: (bytes) => this.#gate.onReceived(bytes),
        onWebSeed: (source) => this.#gate.onJoin(source),
        nextNumber: () => ++this.#lastNumber,
        knownAddresses: () => this.#connections.waiting,
      },
    )
    const { downloader, offered } = session
    this.#wanted = torrent.wanted
    this.#torrent = session
    this.#metadata.provide(torrent.infoBytes)
    if (downloader.isComplete) this.#completeMs = this.#options.clock.nowMs()
    for (const [peer, hearer] of [...this.#sessions]) {
      // What one peer said before may have ended the connection with another: a ban, say.
      if (peer.isClosed) continue
      peer.link.setTorrent(layout.pieceCount, store.blockMemory)
      downloader.noteSender(peer.number, culpritOf(peer.link))
      if (peer.link.peer.supportsExtensions) this.#introduceAgain(peer)
      for (const piece of offered.members()) peer.link.have(piece)
      hearer.onTorrent()
    }
    if (downloader.isComplete) this.events.emit('complete', undefined)
  }

  /** Asks peers for what `trees` lacks, once the info dictionary is known; true when it lacks nothing. See `HashExchange.seek`. */
  seekLayers(trees: MerkleTrees, { isRequired }: { readonly isRequired: boolean }): Promise<boolean> {
    return this.#hashes.seek(trees, isRequired)
  }

  /** Asks `webSeed` too from now on; the torrent must be known. Who named it is told in its status. */
  addWebSeed(webSeed: WebSeed, namedBy: NamedBy): void {
    if (!this.#isStopped) this.#torrent?.webSeeds.add(webSeed, namedBy)
  }

  /** Asks `webSeed` no more. With `isPatient` what is on its way still comes; without, it ends now. False if it was not asked. */
  removeWebSeed(webSeed: WebSeed, isPatient: boolean): boolean {
    return this.#torrent?.webSeeds.remove(webSeed, isPatient) ?? false
  }

  /** How each web seed does. */
  webSeeds(): WebSeedStatus[] {
    return this.#torrent?.webSeeds.status() ?? []
  }

  /** Addresses where peers may be. */
  addPeers(addresses: readonly PeerAddress[], origin: PeerOrigin): void {
    this.#connections.add(addresses, origin)
  }

  /** The torrent turned out to be private (BEP 27): peers are no longer told of each other. */
  stopPeerExchange(): void {
    this.#peerExchange?.stop()
  }

  /** A peer connected to us and asked for this torrent. */
  accept(link: PeerLink): void {
    this.#join(link, 'incoming')
  }

  /** Our tree is in place: those that count copies are told, now or when they come, and `copyHeard` says when they know. */
  tellCopy(copy: CopyMessage): void {
    if (!this.#isStopped) this.#copies?.tell(copy)
  }

  /** Hosts told an earlier run of ours of their copies: whoever gathers that hears of them from this one. */
  recallCopies(copies: readonly CopyEvent[]): void {
    this.#copies?.recall(copies)
  }

  /** Resolves once all blocks that were asked for have left; what is asked for from now on is turned down. */
  async finishUploads(): Promise<void> {
    await this.#torrent?.uploader.finish()
  }

  /** The figures of this moment. */
  status(): SwarmStatus {
    return statusOf({
      peers: this.#peers,
      torrent: this.#torrent,
      wanted: this.#wanted,
      connections: this.#connections,
      metadata: this.#metadata,
      departedDownBytes: this.#departedDownBytes,
      departedUpBytes: this.#departedUpBytes,
    })
  }

  /** The connected peers. */
  peers(): PeerStatus[] {
    return [...this.#peers.values()].map(peerStatusOf)
  }

  /** Leaves the swarm: what was stored is told to everybody first. */
  stop(): void {
    if (this.#isStopped) return
    this.#haves.flush()
    this.#isStopped = true
    this.#ticker?.cancel()
    this.#gate.stop()
    this.#haves.stop()
    this.#choking.stop()
    this.#hashes.stop()
    this.#connections.stop()
    this.#torrent?.downloader.stop()
    this.#torrent?.webSeeds.stop()
    this.#torrent?.uploader.stop()
    for (const peer of [...this.#peers.values()]) peer.link.close('we leave the swarm')
  }

  /** Lets a peer in, or closes its link and returns false. */
  #join(link: PeerLink, origin: PeerOrigin): boolean {
    if (!this.#connections.admit(link)) return false
    const peer = new Peer(++this.#lastNumber, link, origin, this.#options.clock)
    const session = new PeerSession(peer, {
      clock: this.#options.clock,
      metadata: this.#metadata,
      peerExchange: this.#peerExchange,
      copies: this.#copies,
      hashes: this.#hashes,
      torrent: () => this.#torrent,
      onInterestChange: (changed) => this.#choking.onInterestChange(changed),
      onPiecesChange: (changed) => this.#onPiecesChange(changed),
      onIntroduced: (introduced) => this.#connections.onIntroduced(introduced),
      onDhtPort: (teller, port) => this.events.emit('dhtNode', { host: teller.link.address.host, port }),
      onReceived: (bytes) => this.#gate.onReceived(bytes),
      onClosed: (closed, reason) => this.#leave(closed, reason),
    })
    this.#peers.set(peer.number, peer)
    this.#sources.set(peer.number, peer)
    this.#sessions.set(peer, session)
    this.#connections.onJoin(peer, origin)
    this.#copies?.onJoin(peer)
    const torrent = this.#torrent
    if (torrent !== undefined) {
      link.setTorrent(torrent.layout.pieceCount, torrent.blockMemory)
      torrent.downloader.noteSender(peer.number, culpritOf(link))
      peer.pieces = new Bitfield(torrent.layout.pieceCount)
      torrent.downloader.addPieces(peer, peer.pieces)
    }
    introduce(peer, this.#options, torrent, this.#metadata.infoBytes?.length ?? 0)
    this.#gate.onJoin(peer)
    this.events.emit('peer', peerEventOf(peer, 'connected'))
    link.attach(session)
    return true
  }

  #leave(peer: Peer, reason: string): void {
    peer.isClosed = true
    this.#peers.delete(peer.number)
    this.#sources.delete(peer.number)
    this.#sessions.delete(peer)
    this.#departedDownBytes += peer.downMeter.totalBytes
    this.#departedUpBytes += peer.upMeter.totalBytes
    this.#torrent?.downloader.removePeer(peer)
    this.#torrent?.uploader.drop(peer)
    this.#torrent?.superSeeder?.release(peer)
    this.#metadata.removePeer(peer)
    this.#peerExchange?.removePeer(peer)
    this.#copies?.removePeer(peer)
    this.#hashes.removePeer(peer)
    this.#connections.onLeave(peer)
    this.events.emit('peer', peerEventOf(peer, 'disconnected', reason))
    if (this.#isStopped) return
    this.#choking.onLeave()
    this.#connections.dial()
  }

  #onPiecesChange(peer: Peer): void {
    const downloader = this.#torrent?.downloader
    if (downloader === undefined) return
    peer.updateInterest()
    if (peer.isSeed && !peer.wasSeed) {
      peer.wasSeed = true
      this.events.emit('peer', peerEventOf(peer, 'complete'))
    }
    this.#copies?.onPieces(peer)
    downloader.fill(peer)
  }

  #onPiece(piece: number, servable: Bitfield): void {
    const torrent = this.#torrent
    if (torrent === undefined || !torrent.have.add(piece)) return
    for (const peer of this.#peers.values()) {
      if (peer.pieces?.has(piece) !== true) continue
      peer.interestingPieces--
      peer.updateInterest()
    }
    if (servable.has(piece)) {
      torrent.offered.add(piece)
      this.#haves.add(piece)
    }
    this.events.emit('piece', piece)
    if (torrent.downloader.isComplete) this.#onComplete()
  }

  #onComplete(): void {
    this.#completeMs = this.#options.clock.nowMs()
    this.#haves.flush()
    for (const peer of this.#peers.values()) if (peer.link.peer.supportsExtensions) this.#introduceAgain(peer)
    this.events.emit('complete', undefined)
  }

  #introduceAgain(peer: Peer): void {
    const isUploadOnly = this.#torrent?.downloader.isComplete === true
    sendExtensionHandshake(peer, this.#options, this.#metadata.infoBytes?.length ?? 0, isUploadOnly)
  }

  #onUnreadable(piece: number, error: DistroError): void {
    if (this.#torrent?.offered.delete(piece) !== true) return
    this.#haves.withdraw(piece)
    if (this.#warned.has(error.message)) return
    this.#warned.add(error.message)
    this.events.emit('unreadable', error)
  }

  #fail(error: DistroError): void {
    if (!this.#isStopped) this.events.emit('failed', error)
  }

  #ban(culprit: string, reason: string): void {
    if (this.#torrent?.webSeeds.ban(culprit) === true) return
    this.#connections.ban(culprit)
    for (const peer of [...this.#peers.values()]) {
      if (culpritOf(peer.link) !== culprit) continue
      this.events.emit('peer', peerEventOf(peer, 'banned', reason))
      peer.link.close(`banned: ${reason}`)
    }
  }

  #onTick(): void {
    const nowMs = this.#options.clock.nowMs()
    this.#gate.excuse()
    for (const { source, reason } of this.#torrent?.downloader.check(nowMs, this.#peers.values()) ?? []) source.link.close(reason)
    this.#copies?.onTick()
    this.#hashes.onTick(nowMs)
    careForConnections(this.#peers.values(), nowMs, this.#options.copies === 'gathered' ? Number.POSITIVE_INFINITY : this.#completeMs)
    this.#choking.onTick(nowMs)
    this.#torrent?.webSeeds.onTick(nowMs)
    this.#torrent?.uploader.onTick()
    this.#metadata.look()
    this.#peerExchange?.onTick()
    this.#connections.onTick(nowMs)
  }
}
