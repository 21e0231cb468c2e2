/** Who named a web seed: the person who runs distro, a torrent, or a magnet. */
export type NamedBy = 'operator' | 'torrent' | 'magnet'

/** Bytes of a torrent's content, counted from `begin` on over all its files one after the other, padding included. Never empty. */
export interface ContentRange {
  readonly begin: number
  readonly lengthBytes: number
}

/**
 * Why a web seed gave no more.
 *
 * | kind | meaning |
 * |---|---|
 * | `unreachable` | no connection, a broken one, a name that does not resolve, a certificate that is not right |
 * | `silent` | connected, and then nothing for too long |
 * | `busy` | it asks to be left alone for a while: 408, 425, 429, any 5xx but 501 and 505 |
 * | `missing` | it does not have the file, or not the range: 404, 410, 416 |
 * | `denied` | it wants credentials that it does not get: 401, 403, 407 |
 * | `refused` | we do not ask it: the address or a redirect is one that strangers must not send us to |
 * | `changed` | the file is another one than at the first request (ETag, Last-Modified, length) |
 * | `misbehaved` | what came is not what was asked for: no range, a wrong range, too much, too little, encoded, any other status |
 */
export type WebSeedFault = 'unreachable' | 'silent' | 'busy' | 'missing' | 'denied' | 'refused' | 'changed' | 'misbehaved'

/** How a range ended that did not come whole. */
export interface WebSeedFailure {
  readonly kind: WebSeedFault
  /** One sentence for people, which names the server and holds no secret. */
  readonly message: string
  /** What whoever named it may do about that, in sentences; undefined where nothing in particular would help. */
  readonly hint?: string
  /** True if there is no use in asking this web seed for anything again. */
  readonly isFinal: boolean
  /** What it does not have, where only a part of the content is missing: it may be asked for the rest at once. */
  readonly lacks?: ContentRange
  /** How long it wants to be left alone (Retry-After), in milliseconds; undefined when it did not say. */
  readonly retryAfterMs: number | undefined
}

/** Takes what a web seed gives of one range. */
export interface RangeReader {
  /**
   * The next bytes, in order; never more than were asked for. They are valid during the call only. With `isPadding` they are zeros that were
   * made here, and came from nowhere.
   */
  onBytes(bytes: Uint8Array, isPadding?: boolean): void
  /** The range is over; undefined when all of it came. The last call, and not at all once cancelled. Never before `read` returned. */
  onEnd(failure: WebSeedFailure | undefined): void
}

/** One range on its way. */
export interface RangeRead {
  /**
   * Stops reading: the reader hears nothing more until `resume`, but for the end. That slows the server down through the network's own flow control. Time-outs stand still as long as something is held
   * back, and go on from there; a server that gives nothing is late all the same, and may end the range while it is paused.
   */
  pause(): void
  resume(): void
  /** No more of it is wanted; `reader` hears nothing any more. */
  cancel(): void
}

/** Bytes of one torrent from a server or a folder: ranges in, bytes or a named failure out. */
export interface WebSeed {
  /** What it is called in tables and messages: its URL without what may be secret, or its path. */
  readonly label: string
  /** Begins to read `range`; several at a time are served side by side. */
  read(range: ContentRange, reader: RangeReader): RangeRead
  /** Ends all reads without a word to their readers, and all connections. */
  close(): Promise<void>
}
