import type { ErrorCode } from '../base/errors.ts'

/** What the exit code of a failure means, in words that docs/exit-codes.md repeats. */
export interface ExitMeaning {
  readonly exitCode: number
  /** One phrase. */
  readonly meaning: string
  /** True when running the same command again may succeed without changing anything. */
  readonly retry: boolean
}

const usage = { exitCode: 2, retry: false }
const nothingFound = { exitCode: 3, retry: true }
const incomplete = { exitCode: 4, retry: true }
const mismatch = { exitCode: 5, retry: false }
const disk = { exitCode: 6, retry: false }
const refused = { exitCode: 7, retry: false }
const network = { exitCode: 8, retry: true }

/** The one table from error codes to exit codes. The compiler refuses an error code that is not in it. */
export const exitCodes: Readonly<Record<ErrorCode, ExitMeaning>> = {
  INTERNAL: { exitCode: 1, meaning: 'unexpected: a bug in distro', retry: false },
  USAGE: { ...usage, meaning: 'a flag or argument is wrong' },
  CONFIG_INVALID: { ...usage, meaning: 'a config file or DISTRO_ variable is wrong' },
  INPUT_MISSING: { ...usage, meaning: 'a file, folder, run or release that was asked for does not exist' },
  INPUT_REFUSED: { ...usage, meaning: 'the content cannot be published as it is' },
  TORRENT_INVALID: { ...usage, meaning: 'the torrent is malformed' },
  TORRENT_UNSUPPORTED: { ...usage, meaning: 'the torrent is of a kind that distro does not read' },
  MAGNET_INVALID: { ...usage, meaning: 'the magnet or info-hash is malformed' },
  HOOK_FAILED: { ...usage, meaning: 'the --on-done or --on-switch command failed; the tree is in place' },
  NO_PEERS: { ...nothingFound, meaning: 'no peer was found in time' },
  NO_METADATA: { ...nothingFound, meaning: 'no peer sent the metadata in time' },
  INCOMPLETE: { ...incomplete, meaning: 'the deadline came first; what was verified is kept' },
  STALLED: { ...incomplete, meaning: 'nothing arrived for too long; what was verified is kept' },
  VERIFY_FAILED: { ...mismatch, meaning: 'the content does not match its hashes, or verify found more than was published' },
  SOURCE_CHANGED: { ...mismatch, meaning: 'the content changed while it was read or seeded' },
  DISK_FULL: { ...disk, meaning: 'the disk is full' },
  DISK_FAILED: { ...disk, meaning: 'the disk or its permissions refused' },
  TARGET_DIFFERS: { ...disk, meaning: 'something else is already at the destination' },
  PATH_REFUSED: { ...refused, meaning: 'a path or name in the torrent is unsafe' },
  LIMIT_EXCEEDED: { ...refused, meaning: 'a size or count is over the limit' },
  LISTEN_FAILED: { ...network, meaning: 'the port or address cannot be listened on' },
  NAME_NOT_FOUND: { ...network, meaning: 'a host name does not resolve' },
  NETWORK_FAILED: { ...network, meaning: 'a server or tracker refused, or the network is down' },
  BUSY: { exitCode: 9, meaning: 'another distro process holds this target or state', retry: true },
  INTERRUPTED: { exitCode: 130, meaning: 'stopped by SIGINT; what was verified is kept', retry: true },
  TERMINATED: { exitCode: 143, meaning: 'stopped by SIGTERM or SIGHUP; what was verified is kept', retry: true },
}
