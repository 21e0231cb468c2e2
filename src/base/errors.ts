/** Every way in which distro can fail, as one word each. `cli/exit-codes.ts` gives each its exit code. */
export const errorCodes = [
  // wrong usage, configuration or input (exit 2)
  'USAGE',
  'CONFIG_INVALID',
  'INPUT_MISSING',
  'INPUT_REFUSED',
  'TORRENT_INVALID',
  'TORRENT_UNSUPPORTED',
  'MAGNET_INVALID',
  'HOOK_FAILED',
  // nothing found in time (exit 3)
  'NO_PEERS',
  'NO_METADATA',
  // incomplete at the deadline (exit 4)
  'INCOMPLETE',
  'STALLED',
  // content does not match (exit 5)
  'VERIFY_FAILED',
  'SOURCE_CHANGED',
  // disk (exit 6)
  'DISK_FULL',
  'DISK_FAILED',
  'TARGET_DIFFERS',
  // refused by policy (exit 7)
  'PATH_REFUSED',
  'LIMIT_EXCEEDED',
  // network (exit 8)
  'LISTEN_FAILED',
  'NAME_NOT_FOUND',
  'NETWORK_FAILED',
  // another process holds it (exit 9)
  'BUSY',
  // stopped by a signal (exit 130 and 143)
  'INTERRUPTED',
  'TERMINATED',
  // a bug (exit 1)
  'INTERNAL',
] as const

/** One of `errorCodes`. */
export type ErrorCode = (typeof errorCodes)[number]

/** What accompanies a `DistroError`: what the person may try next, and what caused it. */
export interface DistroErrorDetail {
  readonly hint?: string
  readonly cause?: unknown
}

/**
 * The one error class: a code for programs, a sentence for people, and a hint that says what to try next.
 * Anything that a user, a peer or a disk can cause is reported as one of these.
 */
export class DistroError extends Error {
  override readonly name = 'DistroError'
  readonly code: ErrorCode
  readonly hint: string | undefined

  constructor(code: ErrorCode, message: string, detail: DistroErrorDetail = {}) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause })
    this.code = code
    this.hint = detail.hint
  }
}
