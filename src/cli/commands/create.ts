import { checkPublishedSetting } from '../check-published-setting.ts'
import type { Command, CommandContext } from '../command.ts'
import type { Option } from '../option.ts'
import { pathOption, trackersOption } from '../option-kinds.ts'
import { outputOptions, treeOptions } from '../options.ts'
import { formatSentence } from '../report/sentences.ts'
import { treeRequest } from '../tree-request.ts'

type CreateOptions = typeof treeOptions &
  typeof outputOptions & {
    readonly output: Option<string | undefined>
    readonly tracker: Option<readonly string[]>
  }

const options: CreateOptions = {
  output: pathOption('file to write the .torrent to; the -o of fetch is a folder', 'file', {
    letter: 'o',
    givenBy: 'flag',
    fallbackText: '<name>.torrent',
  }),
  ...treeOptions,
  tracker: trackersOption('put this tracker in the torrent; may be repeated'),
  ...outputOptions,
}

/** `distro create <path>`. */
export const createCommand: Command<CreateOptions> = {
  name: 'create',
  summary: 'write a .torrent without seeding, and print its magnet',
  arguments: [{ name: 'path', describe: 'the file or directory to describe', isRequired: true, completes: 'file', choices: [] }],
  options,
  examples: [
    { line: 'distro create dist/', does: 'write dist.torrent' },
    { line: "distro create dist/ -o app-1.2.torrent --name app-1.2 --exclude '*.map'", does: 'under another name, without source maps' },
    { line: 'distro create dist/ --format v1', does: 'for clients that take no hybrid, such as aria2 and Transmission 3.00' },
    { line: 'distro create dist/ --private --tracker https://tracker.example/announce', does: 'for a closed tracker' },
  ],
  run: create,
}

async function create(context: CommandContext<CreateOptions>): Promise<number> {
  const { values, settings, world, verbs, events, signal, say, printResult } = context
  checkPublishedSetting(values.webSeed, settings.get('webSeed'))
  const result = await verbs.create(
    {
      ...treeRequest(context),
      outputFile: values.output,
      defaultDir: world.cwd,
      trackers: values.tracker,
    },
    events,
    signal,
  )
  say(formatSentence(result))
  printResult(result.magnet)
  return 0
}
