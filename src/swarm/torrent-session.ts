import type { Bitfield } from '../base/bitfield.ts'
import type { Downloader } from './downloader.ts'
import type { PieceLayout } from './piece-layout.ts'
import type { PieceStore } from './piece-store.ts'
import type { SuperSeeder } from './super-seeder.ts'
import type { Uploader } from './uploader.ts'

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
  /** Where we are the origin: spreads the pieces that nobody else has yet. */
  readonly superSeeder: SuperSeeder | undefined
}
