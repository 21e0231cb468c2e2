import { DistroError } from '../base/errors.ts'
import type { InfoDictionary } from '../torrent/info.ts'

/** The same torrent, if distro can transfer it. Throws TORRENT_UNSUPPORTED for one of v2 only. */
export function requireV1Half<Torrent extends Pick<InfoDictionary, 'info'>>(torrent: Torrent): Torrent {
  if (torrent.info.pieceHashes !== undefined) return torrent
  const what = 'it is for BitTorrent v2 only (BEP 52), and distro transfers and verifies v1 and hybrid torrents'
  const hint = 'distro info says what is in it; use a hybrid torrent of the same content.'
  throw new DistroError('TORRENT_UNSUPPORTED', `The torrent is not supported: ${what}.`, { hint })
}
