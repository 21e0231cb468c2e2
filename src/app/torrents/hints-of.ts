import { DistroError } from '../../base/errors.ts'
import { parseIdentifier } from '../../torrent/identifier.ts'
import type { TorrentHints } from '../../torrent/info.ts'
import { shortInfoHash } from '../../torrent/info-hash.ts'
import { decodeMetainfo } from '../../torrent/metainfo.ts'
import { isCollectionName } from '../../torrent/torrent-hints.ts'
import { readTorrentFile } from '../resolve/read-torrent-file.ts'
import type { CreateRequest } from './create-request.ts'

const MOST_NAMED = 100

/**
 * The hints that a torrent is to have (BEP 38). Throws USAGE, and for a torrent that is named what reading it throws: INPUT_MISSING,
 * TORRENT_INVALID, MAGNET_INVALID and the like.
 */
export async function hintsOf({
  similar = [],
  collections = [],
}: Pick<CreateRequest, 'similar' | 'collections'>): Promise<Pick<TorrentHints, 'similar' | 'collections'> | undefined> {
  if (similar.length === 0 && collections.length === 0) return undefined
  if (Math.max(similar.length, collections.length) > MOST_NAMED) {
    const [count, what] = similar.length > MOST_NAMED ? [similar.length, 'similar torrents'] : [collections.length, 'collections']
    throw new DistroError('USAGE', `${count} ${what} are named, and nobody reads more than ${MOST_NAMED}.`, {
      hint: 'Name a collection in place of each torrent in it: --collection NAME.',
    })
  }
  if (!collections.every(isCollectionName)) {
    throw new DistroError('USAGE', 'The name of a collection has 1 to 255 bytes.', { hint: 'Choose a name such as com.example.app.' })
  }
  return { similar: await Promise.all(similar.map(infoHashOf)), collections }
}

/** By which a host that holds it knows it: both halves of a hybrid are noted there, so one is enough. */
async function infoHashOf(id: string): Promise<Uint8Array> {
  const identifier = parseIdentifier(id)
  switch (identifier.kind) {
    case 'info-hash':
      return identifier.infoHash
    case 'v2-info-hash':
      return shortInfoHash(identifier.infoHashV2)
    case 'magnet': {
      const { infoHash, infoHashV2 = new Uint8Array() } = identifier.magnet
      return infoHash ?? shortInfoHash(infoHashV2)
    }
    case 'path':
      return decodeMetainfo(await readTorrentFile(identifier.path, 'Check what is named as similar.')).infoHash
    case 'url':
      throw new DistroError('USAGE', 'A similar torrent is named by a magnet, an info-hash or a .torrent file, not by a URL.', {
        hint: 'Download it first.',
      })
  }
}
