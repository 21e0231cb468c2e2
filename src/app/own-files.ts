import { open } from 'node:fs/promises'
import { basename } from 'node:path'
import { DistroError } from '../base/errors.ts'
import { diskError, systemCode } from '../store/disk-error.ts'

/** How a report starts, of both kinds; the names before `package` have 255 bytes at most, each of which is 6 at most where it is escaped. */
const REPORT_STARTS = [/^\{\s*"version":\s*\d+,\s*"infoHash":/, /^<\?xml [^>]*>\s*<testsuites>\s*<testsuite name="[^"]*" package="distro"/]
/** How a .torrent starts, which is a dictionary, and a file with a magnet. */
const TORRENT_STARTS = [/^d\d+:/, /^magnet:\?/]
const START_BYTES = 4096

/** True for the start of a report of distro. */
export function isReport(start: string): boolean {
  return REPORT_STARTS.some((report) => report.test(start))
}

/**
 * Throws TARGET_DIFFERS if one of `files`, which are about to be replaced and lie in the tree that is published, is none that an earlier run
 * wrote: it is content, and would be gone. Throws DISK_FAILED if one cannot be read.
 */
export async function checkOwnFiles(files: readonly string[]): Promise<void> {
  for (const path of files) {
    const start = await startOfFile(path)
    if (start === '' || isReport(start) || TORRENT_STARTS.some((own) => own.test(start))) continue
    throw new DistroError('TARGET_DIFFERS', `Cannot write ${path}: it is a file of the tree, and none that distro wrote there.`, {
      hint: `Name another file than ${basename(path)}.`,
    })
  }
}

/** The first 4 KiB of a file as text; empty where there is none. Throws DISK_FAILED. */
export async function startOfFile(path: string): Promise<string> {
  try {
    await using file = await open(path)
    const { buffer, bytesRead } = await file.read(Buffer.alloc(START_BYTES), 0, START_BYTES, 0)
    return buffer.toString('utf8', 0, bytesRead)
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') return ''
    throw diskError(cause, 'read', path)
  }
}
