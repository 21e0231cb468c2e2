import { concatBytes, utf8Bytes } from '../base/bytes.ts'
import { type Bencodable, encodeBencode } from './bencode.ts'
import type { Metainfo } from './info.ts'

/** What goes into a .torrent file; only the info dictionary is required. */
export type MetainfoFields = Pick<Metainfo, 'infoBytes'> &
  Partial<Pick<Metainfo, 'trackers' | 'webSeeds' | 'nodes' | 'comment' | 'createdBy' | 'creationDate'>> & {
    /** The piece layers of v2 (BEP 52), of files of more than one piece, by the root of the file in latin-1; undefined for v1. */
    readonly pieceLayers?: ReadonlyMap<string, Uint8Array> | undefined
  }

/** Writes a .torrent file (BEP 3, 5, 12, 19, 52) around an encoded info dictionary, whose bytes are kept as they are. */
export function encodeMetainfo(metainfo: MetainfoFields): Uint8Array {
  const fields = new Map<string, Uint8Array>([['info', metainfo.infoBytes]])
  const set = (key: string, value: Bencodable | undefined): void => {
    if (value !== undefined) fields.set(key, encodeBencode(value))
  }
  const tiers = metainfo.trackers ?? []
  set('announce', tiers[0]?.[0])
  if (tiers.flat().length > 1) set('announce-list', tiers)
  if (metainfo.webSeeds !== undefined && metainfo.webSeeds.length > 0) set('url-list', metainfo.webSeeds)
  if (metainfo.nodes !== undefined && metainfo.nodes.length > 0)
    set(
      'nodes',
      metainfo.nodes.map((node) => [node.host, node.port]),
    )
  set('comment', metainfo.comment)
  set('created by', metainfo.createdBy)
  set('creation date', metainfo.creationDate)
  set('piece layers', metainfo.pieceLayers)
  const entries = [...fields].sort(([left], [right]) => (left < right ? -1 : 1))
  return concatBytes([utf8Bytes('d'), ...entries.flatMap(([key, value]) => [encodeBencode(key), value]), utf8Bytes('e')])
}
