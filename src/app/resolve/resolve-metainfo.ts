import { DistroError } from '../../base/errors.ts'
import type { Events } from '../../base/events.ts'
import { formatSeconds } from '../../base/format.ts'
import { parseIdentifier } from '../../torrent/identifier.ts'
import type { Metainfo } from '../../torrent/info.ts'
import { decodeMetainfo } from '../../torrent/metainfo.ts'
import type { VerbEvents } from '../events.ts'
import { Deadline } from './deadline.ts'
import { downloadTorrent } from './download-torrent.ts'
import { readTorrentFile } from './read-torrent-file.ts'

/** Which torrent is meant. */
export interface MetainfoRequest {
  /** The absolute path of a .torrent, or an http(s) URL of one. */
  readonly id: string
  /** For a URL: gives up with NETWORK_FAILED after this long; undefined means a minute. */
  readonly timeoutMs: number | undefined
}

const USUAL_TIMEOUT_MS = 60_000

/**
 * The metainfo of a torrent that is named by a .torrent file or by the URL of one. What was left out of it is told as warnings.
 * Throws INPUT_MISSING, TORRENT_INVALID and the like, NETWORK_FAILED, and USAGE for a magnet or info-hash, which only its swarm can resolve.
 */
export async function resolveMetainfo(request: MetainfoRequest, events: Events<VerbEvents>, signal: AbortSignal): Promise<Metainfo> {
  const metainfo = decodeMetainfo(await readBytes(request, signal))
  for (const message of metainfo.warnings ?? []) events.emit('warning', { message })
  return metainfo
}

async function readBytes({ id, timeoutMs = USUAL_TIMEOUT_MS }: MetainfoRequest, signal: AbortSignal): Promise<Uint8Array> {
  const identifier = parseIdentifier(id)
  if (identifier.kind === 'path') return readTorrentFile(identifier.path)
  if (identifier.kind === 'url') return downloadInTime(identifier.url, timeoutMs, signal)
  throw new DistroError('USAGE', 'A .torrent file or the URL of one is needed here, not a magnet or info-hash.', {
    hint: 'distro fetch takes magnets and info-hashes.',
  })
}

async function downloadInTime(url: string, timeoutMs: number, signal: AbortSignal): Promise<Uint8Array> {
  const deadline = new Deadline(signal, timeoutMs)
  try {
    return await downloadTorrent(url, deadline.signal)
  } catch (error) {
    if (!deadline.isLate) throw error
    throw new DistroError('NETWORK_FAILED', `The .torrent did not arrive within ${formatSeconds(timeoutMs / 1_000)}.`, {
      hint: 'Try again, or download it first and name the file; fetch and info wait longer with --timeout.',
    })
  } finally {
    deadline.stop()
  }
}
