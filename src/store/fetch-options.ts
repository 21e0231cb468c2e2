import type { Clock } from '../base/clock.ts'
import type { Random } from '../base/random.ts'
import type { TorrentInfo } from '../torrent/info.ts'
import type { MerkleTrees } from '../torrent/merkle-trees.ts'
import type { CandidateSource } from './reuse/find-candidates.ts'

/** Where a tree or file is to appear. */
export interface FetchPlace {
  /** The directory in which it will appear; absolute, created when missing. */
  readonly outDir: string
  /** What it is called there, if not as in the torrent. */
  readonly targetName?: string | undefined
}

/** What a fetch is to put on disk, and where. */
export interface FetchStoreOptions extends FetchPlace {
  readonly info: TorrentInfo
  /** 20 bytes. */
  readonly infoHash: Uint8Array
  /** For v2 and hybrids (BEP 52): what pieces are checked against as far as it is known; of a hybrid SHA-1 digests serve for the rest. */
  readonly trees?: MerkleTrees | undefined
  /** Wanted files by number; all of them when not given. */
  readonly selected?: ReadonlySet<number> | undefined
  /** Replace a target that holds something else. */
  readonly overwrite?: boolean
  /** Add what is missing to a target that holds nothing but right content of the torrent; true when not given. */
  readonly completes?: boolean
  /** True if it may only be completed in one step, because somebody comes to the target through a link and must find it at any moment. */
  readonly isNeverAbsent?: boolean
  /**
   * Where bytes are kept of files that were not selected and came with pieces that they share: the fetch of the rest needs them. They are not
   * kept when not given.
   */
  readonly sidesDir?: string | undefined
  /**
   * Where content may be that need not be fetched: trees, folders with trees in them, or single files; absolute, the best first. A target
   * that is to be overwritten comes after them by itself.
   */
  readonly reuse?: readonly string[]
  /** Asked for files that hold such content, wherever they are. */
  readonly elsewhere?: CandidateSource | undefined
  /** True if a file that is wanted as it is may become a second name of the one that was found there. */
  readonly mayLink?: boolean
  readonly clock: Clock
  readonly random: Random
  /** Memory for incoming pieces; 40 MiB when not given, and always room for two pieces. */
  readonly slotMemoryBytes?: number
  /** Descriptors kept open at most; 64 when not given. */
  readonly descriptors?: number
  /** Called while content that is already there is checked. */
  readonly onCheck?: (bytesDone: number, bytesTotal: number) => void
  /** Called while what was found elsewhere is taken over, and again while the finished tree is made durable and put in place. */
  readonly onPlace?: (bytesDone: number, bytesTotal: number) => void
  /** Called with a sentence for what was in the way, and stays beside the target because it could not be removed. */
  readonly onComplaint?: (message: string) => void
  /** Ends `open` early; it has no effect afterwards. */
  readonly signal?: AbortSignal
}
