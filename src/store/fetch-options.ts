import type { Clock } from '../base/clock.ts'
import type { Random } from '../base/random.ts'
import type { TorrentInfo } from '../torrent/info.ts'

/** What a fetch is to put on disk, and where. */
export interface FetchStoreOptions {
  readonly info: TorrentInfo
  /** 20 bytes. */
  readonly infoHash: Uint8Array
  /** The directory in which the tree will appear; absolute, created when missing. */
  readonly outDir: string
  /** What the tree or file is called there, if not as in the torrent. */
  readonly targetName?: string | undefined
  /** Wanted files by number; all of them when not given. */
  readonly selected?: ReadonlySet<number> | undefined
  /** Replace a target that holds something else. */
  readonly overwrite?: boolean
  readonly clock: Clock
  readonly random: Random
  /** Memory for incoming pieces; 40 MiB when not given, and always room for two pieces. */
  readonly slotMemoryBytes?: number
  /** Descriptors kept open at most; 64 when not given. */
  readonly descriptors?: number
  /** Called while content that is already there is checked. */
  readonly onCheck?: (bytesDone: number, bytesTotal: number) => void
  /** Ends `open` early; it has no effect afterwards. */
  readonly signal?: AbortSignal
}
