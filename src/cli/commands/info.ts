import type { Command, CommandContext } from '../command.ts'
import { identifierArgument, identifierWord } from '../identifier-word.ts'
import { networkRequest } from '../network-request.ts'
import { networkOptions, outputOptions } from '../options.ts'
import { infoTable } from '../report/info-table.ts'
import { styleOf } from '../report/style.ts'

type InfoOptions = typeof networkOptions & typeof outputOptions

const options: InfoOptions = { ...networkOptions, ...outputOptions }

/** `distro info <id>`. */
export const infoCommand: Command<InfoOptions> = {
  name: 'info',
  summary: 'say what is in a torrent: files, sizes, pieces, hashes, trackers',
  arguments: [identifierArgument],
  options,
  examples: [
    { line: 'distro info app.torrent', does: 'a table for people' },
    { line: "distro info 'magnet:?xt=urn:btih:...'", does: 'ask its peers what is behind a magnet' },
    { line: 'distro info app.torrent --json | jq -r .magnet', does: 'one JSON object for programs' },
  ],
  run: info,
}

async function info({
  words,
  values,
  world,
  verbs,
  events,
  signal,
  printResult,
  printRecord,
}: CommandContext<InfoOptions>): Promise<number> {
  const summary = await verbs.info(
    { id: identifierWord(words[0] ?? '', world.cwd), network: networkRequest(values, world) },
    events,
    signal,
  )
  printRecord('info', summary)
  printResult(infoTable(summary, styleOf(world.stdout, world.env, values.color)))
  return 0
}
