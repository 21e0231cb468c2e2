import { createHash } from 'node:crypto'
import { Bitfield } from '../base/bitfield.ts'
import type { MerkleTrees } from '../torrent/merkle-trees.ts'
import type { WebSeed } from '../web-seed/web-seed.ts'
import type { BlockSource } from './block-source.ts'
import { Downloader } from './downloader.ts'
import type { PieceEvents } from './finished-pieces.ts'
import { PartServer } from './part-server.ts'
import type { Peer } from './peer.ts'
import type { PieceLayout } from './piece-layout.ts'
import type { PieceStore } from './piece-store.ts'
import { SuperSeeder } from './super-seeder.ts'
import type { SwarmOptions } from './swarm-types.ts'
import { Uploader, type UploadParts } from './uploader.ts'
import type { WebSeedSource } from './web-seeds/web-seed-source.ts'
import { type WebSeedFailureEvent, WebSeeds } from './web-seeds/web-seeds.ts'
import { ZoneAudience } from './zone-audience.ts'
import { ZoneBorder } from './zone-border.ts'

/** What the floors above know of a torrent once they have its info dictionary. */
export interface SwarmTorrent {
  readonly infoBytes: Uint8Array
  readonly layout: PieceLayout
  readonly store: PieceStore
  /** The hashes of v2, as far as they are known; absent for a torrent without a v2 half (BEP 52). */
  readonly trees?: MerkleTrees | undefined
  /** Pieces to fetch. */
  readonly wanted: Bitfield
  /** Pieces that can be given to others; not those of which a part is not kept (`so=`, BEP 53). */
  readonly servable: Bitfield
}

/** What exists in the swarm once the info dictionary is known: the pieces, where they are kept, and who moves them. */
export interface TorrentSession {
  readonly layout: PieceLayout
  readonly store: PieceStore
  /** Absent for a torrent without a v2 half (BEP 52). */
  readonly trees: MerkleTrees | undefined
  /** SHA-256 of the info dictionary, for a torrent with a v2 half. */
  readonly infoHashV2: Uint8Array | undefined
  readonly blockMemory: Uint8Array
  /** Pieces that are here. */
  readonly have: Bitfield
  /** Pieces that are here and that peers are told of. */
  readonly offered: Bitfield
  readonly downloader: Downloader
  readonly uploader: Uploader
  /** Tells the sums of parts of blocks. */
  readonly partServer: PartServer
  /** Where we have a zone: decides what may come from others. */
  readonly border: ZoneBorder | undefined
  readonly webSeeds: WebSeeds
  /** Where we are the origin: spreads the pieces that nobody else has yet. */
  readonly superSeeder: SuperSeeder<Peer> | undefined
}

/** What the session tells the swarm and asks of it. */
export interface SessionEvents extends PieceEvents, Pick<UploadParts, 'onUnreadable'> {
  onWebSeedFailure(failure: WebSeedFailureEvent): void
  onWebSeedLeft(webSeed: WebSeed): void
  /** Bytes came from a web seed: rate limits. */
  onReceived(bytes: number): void
  /** A web seed is asked from now on. */
  onWebSeed(source: WebSeedSource): void
  /** A number that no source of blocks has had. */
  nextNumber(): number
  /** Addresses of peers that are known and not connected. */
  knownAddresses(): number
}

/** Sets up what moves the pieces of `torrent` among `peers`. */
export function beginTorrent(
  torrent: SwarmTorrent,
  options: SwarmOptions,
  { peers, sources }: { readonly peers: ReadonlyMap<number, Peer>; readonly sources: Map<number, BlockSource> },
  events: SessionEvents,
): TorrentSession {
  const { clock, random, upLimit, peerId, zone } = options
  const { layout, store, wanted, servable } = torrent
  const have = store.verified.copy()
  const offered = new Bitfield(layout.pieceCount)
  for (const piece of have.members()) if (servable.has(piece)) offered.add(piece)
  const border = zone === undefined ? undefined : new ZoneBorder(clock, layout, peerId, peers)
  const downloader = new Downloader({
    clock,
    random,
    layout,
    store,
    have,
    wanted,
    sources,
    downBytesPerSecond: options.downLimit.bytesPerSecond,
    events,
    onHeard: (piece) => webSeeds.onHeard(piece),
    border,
  })
  const webSeeds: WebSeeds = new WebSeeds({
    clock,
    random,
    mode: options.webSeedMode ?? 'fallback',
    delayMs: options.webSeedDelayMs ?? 0,
    downBytesPerSecond: options.downLimit.bytesPerSecond,
    layout,
    store,
    downloader,
    peers,
    sources,
    knownAddresses: events.knownAddresses,
    nextNumber: events.nextNumber,
    onReceived: events.onReceived,
    onJoin: events.onWebSeed,
    onFailure: events.onWebSeedFailure,
    onLeft: events.onWebSeedLeft,
  })
  return {
    layout,
    store,
    trees: torrent.trees,
    infoHashV2: torrent.trees === undefined ? undefined : createHash('sha256').update(torrent.infoBytes).digest(),
    blockMemory: store.blockMemory,
    have,
    offered,
    downloader,
    uploader: new Uploader({ clock, layout, store, have: offered, limit: upLimit, onUnreadable: events.onUnreadable }),
    partServer: new PartServer({ clock, layout, store, offered, upLimit, onUnreadable: events.onUnreadable }),
    border,
    webSeeds,
    superSeeder: offered.isComplete
      ? new SuperSeeder<Peer>(layout, random, zone === undefined ? undefined : new ZoneAudience(peers))
      : undefined,
  }
}
