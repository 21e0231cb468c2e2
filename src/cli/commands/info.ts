import type { Command, CommandContext } from '../command.ts'
import { identifierWord } from '../identifier-word.ts'
import type { Option } from '../option.ts'
import { durationOption } from '../option-kinds.ts'
import { outputOptions } from '../options.ts'
import { infoTable } from '../report/info-table.ts'
import { styleOf } from '../report/style.ts'

type InfoOptions = typeof outputOptions & { readonly timeout: Option<number | undefined> }

const options: InfoOptions = { timeout: durationOption('give up after this long'), ...outputOptions }

/** `distro info <id>`. */
export const infoCommand: Command<InfoOptions> = {
  name: 'info',
  summary: 'say what is in a torrent: files, sizes, pieces, hashes, trackers',
  argument: {
    name: 'id',
    describe: 'a .torrent file, an http(s) URL of one, or a magnet',
    isRequired: true,
    completes: 'file',
    choices: [],
  },
  options,
  examples: [
    { line: 'distro info app.torrent', does: 'a table for people' },
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
  const summary = await verbs.info({ id: identifierWord(words[0] ?? '', world.cwd), timeoutMs: values.timeout }, events, signal)
  printRecord('info', summary)
  printResult(infoTable(summary, styleOf(world.stdout, world.env, values.color)))
  return 0
}
