import { Bitfield } from '../base/bitfield.ts'
import { Downloader } from './downloader.ts'
import type { PieceEvents } from './finished-pieces.ts'
import type { Peer } from './peer.ts'
import type { PieceLayout } from './piece-layout.ts'
import type { PieceStore } from './piece-store.ts'
import { SuperSeeder } from './super-seeder.ts'
import type { SwarmOptions } from './swarm-types.ts'
import { Uploader, type UploadParts } from './uploader.ts'
import { ZoneAudience } from './zone-audience.ts'
import { ZoneBorder } from './zone-border.ts'

/** What the floors above know of a torrent once they have its info dictionary. */
export interface SwarmTorrent {
  readonly infoBytes: Uint8Array
  readonly layout: PieceLayout
  readonly store: PieceStore
  /** Pieces to fetch. */
  readonly wanted: Bitfield
  /** Pieces that can be given to others; not those of which a part is not kept (`so=`, BEP 53). */
  readonly servable: Bitfield
}

/** What exists in the swarm once the info dictionary is known: the pieces, where they are kept, and who moves them. */
export interface TorrentSession {
  readonly layout: PieceLayout
  readonly blockMemory: Uint8Array
  /** Pieces that are here. */
  readonly have: Bitfield
  /** Pieces that are here and that peers are told of. */
  readonly offered: Bitfield
  readonly downloader: Downloader
  readonly uploader: Uploader
  /** Where we have a zone: decides what may come from others. */
  readonly border: ZoneBorder | undefined
  /** Where we are the origin: spreads the pieces that nobody else has yet. */
  readonly superSeeder: SuperSeeder<Peer> | undefined
}

/** Sets up what moves the pieces of `torrent` among `peers`. */
export function beginTorrent(
  torrent: SwarmTorrent,
  { clock, random, upLimit, peerId, zone }: SwarmOptions,
  peers: ReadonlyMap<number, Peer>,
  events: PieceEvents & Pick<UploadParts, 'onUnreadable'>,
): TorrentSession {
  const { layout, store, wanted, servable } = torrent
  const have = store.verified.copy()
  const offered = new Bitfield(layout.pieceCount)
  for (const piece of have.members()) if (servable.has(piece)) offered.add(piece)
  const border = zone === undefined ? undefined : new ZoneBorder(clock, layout, peerId, peers)
  return {
    layout,
    blockMemory: store.blockMemory,
    have,
    offered,
    downloader: new Downloader({ clock, random, layout, store, have, wanted, peers, events, border }),
    uploader: new Uploader({ clock, layout, store, have: offered, limit: upLimit, onUnreadable: events.onUnreadable }),
    border,
    superSeeder: offered.isComplete
      ? new SuperSeeder<Peer>(layout, random, zone === undefined ? undefined : new ZoneAudience(peers))
      : undefined,
  }
}
