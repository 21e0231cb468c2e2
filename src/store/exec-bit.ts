import { chmod } from 'node:fs/promises'
import type { TorrentInfo } from '../torrent/info.ts'
import { diskError, systemCode } from './disk-error.ts'

/** True if the owner may execute a file of this mode: all of a mode that a torrent carries (BEP 47). */
export function hasExecBit(mode: number): boolean {
  return (mode & OWNER_EXEC) !== 0
}

/**
 * True if a file with `mode` may stand for file `file` of the torrent. Many programs write no attributes at all: a torrent that marks
 * no file as executable says nothing about exec bits, and any are right.
 */
export function isRightExecBit(info: TorrentInfo, file: number, mode: number): boolean {
  return hasExecBit(mode) === (info.files[file]?.isExecutable === true) || !saysExecBits(info)
}

/**
 * Gives the file at `path`, whose mode is `mode`, the exec bit that was published: whoever may read it may execute it, as if the umask
 * had been asked for 0755, or nobody may. The bits of setuid, setgid and sticky go. A file system without modes is left as it is.
 */
export async function settleExecBit(path: string, mode: number, isExecutable: boolean): Promise<void> {
  const wanted = settledMode(mode, isExecutable)
  if ((mode & 0o7777) === wanted) return
  try {
    await chmod(path, wanted)
  } catch (error) {
    if (!withoutModes.has(systemCode(error))) throw diskError(error, 'set the mode of', path)
  }
}

/** What becomes of a mode where the file is published as executable, or as not. */
export function settledMode(mode: number, isExecutable: boolean): number {
  const plain = mode & 0o666
  return isExecutable ? plain | ((plain & 0o444) >> 2) | OWNER_EXEC : plain
}

/** The mode with which a file is made, of which the umask takes its part. */
export function madeMode(isExecutable = false): number {
  return isExecutable ? 0o755 : 0o644
}

const OWNER_EXEC = 0o100

/** What file systems say that keep no modes. */
const withoutModes: ReadonlySet<string> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'])

const saying = new WeakMap<TorrentInfo, boolean>()

/** True if the torrent marks a file as executable; the others are not then. */
export function saysExecBits(info: TorrentInfo): boolean {
  const known = saying.get(info)
  if (known !== undefined) return known
  const says = info.files.some(({ isExecutable }) => isExecutable === true)
  saying.set(info, says)
  return says
}
