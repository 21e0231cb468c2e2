import { DistroError, type ErrorCode } from '../base/errors.ts'
import { openFileLimit } from '../base/open-file-limit.ts'

/**
 * Turns what the system says about `path` into a sentence and a hint, which names no flag: many verbs come here, each with flags of its own. `doing` completes "Cannot ... <path>".
 * A full disk or quota becomes DISK_FULL, everything else DISK_FAILED; a `DistroError` passes through unchanged.
 */
export function diskError(cause: unknown, doing: string, path: string): DistroError {
  if (cause instanceof DistroError) return cause
  return diskErrorFromCode(systemCode(cause), doing, path, cause)
}

/** The same for an error code that came without its error, from a worker. */
export function diskErrorFromCode(systemCode: string, doing: string, path: string, cause?: unknown): DistroError {
  const limit = openFileLimit(systemCode)
  const other = { code: 'DISK_FAILED', reason: `the system says ${systemCode}`, hint: genericHint, ...limit } as const
  const { code, reason, hint } = meanings[systemCode] ?? other
  const ownHint = doing === 'read' ? (readingHints[systemCode] ?? hint) : hint
  return new DistroError(code, `Cannot ${doing} ${path}: ${reason}.`, { hint: ownHint, cause })
}

/** The system's word for what happened, such as ENOSPC; UNKNOWN if there is none. */
export function systemCode(cause: unknown): string {
  const code = (cause as { readonly code?: unknown } | null | undefined)?.code
  return typeof code === 'string' ? code : 'UNKNOWN'
}

interface Meaning {
  readonly code: ErrorCode
  readonly reason: string
  readonly hint: string
}

const genericHint = 'Check the disk and its permissions, then run the same command again: what was verified is kept.'

/** What to try where it is content or a list that cannot be read, and no place to write to. */
const readingHints: Readonly<Record<string, string>> = {
  EACCES: 'Let this user read it, or name something else.',
  EPERM: 'Let this user read it, or name something else.',
  EISDIR: 'Name a file.',
}

const meanings: Readonly<Record<string, Meaning>> = {
  ENOSPC: {
    code: 'DISK_FULL',
    reason: 'the disk is full',
    hint: 'Free some space and run the same command again: what was verified is kept.',
  },
  EDQUOT: {
    code: 'DISK_FULL',
    reason: 'the disk quota is used up',
    hint: 'Free some space and run the same command again: what was verified is kept.',
  },
  EFBIG: {
    code: 'DISK_FAILED',
    reason: 'the file is larger than allowed here',
    hint: 'Raise the file size limit (ulimit -f) or use a file system without one.',
  },
  EIO: { code: 'DISK_FAILED', reason: 'the disk reports an input/output error', hint: 'Look at the system log; the disk may be failing.' },
  EROFS: {
    code: 'DISK_FAILED',
    reason: 'the file system is read-only',
    hint: 'Mount it writable, or choose another directory.',
  },
  EACCES: { code: 'DISK_FAILED', reason: 'permission is denied', hint: 'Give this user access to it, or choose another directory.' },
  EPERM: {
    code: 'DISK_FAILED',
    reason: 'the operation is not permitted',
    hint: 'Give this user access to it, or choose another directory.',
  },
  ENOENT: { code: 'DISK_FAILED', reason: 'it does not exist', hint: 'It may have been moved or deleted while distro was running.' },
  ENOTDIR: { code: 'DISK_FAILED', reason: 'a part of the path is not a directory', hint: 'Check the path, or choose another directory.' },
  EISDIR: { code: 'DISK_FAILED', reason: 'it is a directory', hint: 'Move it away and run the same command again.' },
  ELOOP: {
    code: 'PATH_REFUSED',
    reason: 'a part of it is a symbolic link',
    hint: 'Remove the link: distro never writes or reads through links below its target.',
  },
  ENAMETOOLONG: {
    code: 'DISK_FAILED',
    reason: 'the name is too long for this file system',
    hint: 'Choose a shorter name for it, or for the folder that it is in.',
  },
  EBUSY: {
    code: 'DISK_FAILED',
    reason: 'it is in use by the system',
    hint: 'A mount point cannot be replaced: choose another directory.',
  },
  EXDEV: {
    code: 'DISK_FAILED',
    reason: 'it lies on another file system',
    hint: 'Staging and target must be on one file system: choose another directory.',
  },
  SHORT: { code: 'DISK_FAILED', reason: 'fewer bytes were moved than asked for', hint: genericHint },
}
