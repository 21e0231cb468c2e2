import { resolve } from 'node:path'
import type { TreeRequest } from '../app/torrents/tree-request.ts'
import type { CommandContext } from './command.ts'
import type { OptionTable, Values } from './option.ts'
import type { treeOptions } from './options.ts'

/** What a command line says, and where each value is from. */
interface Asked extends Pick<CommandContext<OptionTable>, 'words' | 'settings' | 'world'> {
  readonly values: Values<typeof treeOptions>
}

/** What the first word and the flags that describe a torrent ask for. */
export function treeRequest({ words, values, settings, world }: Asked): TreeRequest {
  return {
    path: resolve(world.cwd, words[0] ?? ''),
    name: values.name,
    exclude: values.exclude,
    isExcludeForThis: settings.get('exclude')?.origin === 'flag',
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
