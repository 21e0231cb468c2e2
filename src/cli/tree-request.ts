import { resolve } from 'node:path'
import type { TreeRequest } from '../app/torrents/tree-request.ts'
import type { Values } from './option.ts'
import type { treeOptions } from './options.ts'
import type { World } from './world.ts'

/** What the first word and the flags that describe a torrent ask for. */
export function treeRequest(words: readonly string[], values: Values<typeof treeOptions>, world: World): TreeRequest {
  return {
    path: resolve(world.cwd, words[0] ?? ''),
    name: values.name,
    exclude: values.exclude,
    carries: { modes: values.modes, mtimes: values.mtimes },
    pieceLengthBytes: values.pieceLength,
    format: values.format,
    comment: values.comment,
    isPrivate: values.private,
    wantsBlockSums: values.blockSums,
    similar: values.similar,
    collections: values.collection,
    webSeeds: values.webSeed,
  }
}
