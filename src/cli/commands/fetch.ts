import type { FetchResult } from '../../app/fetch-request.ts'
import { startOnDone } from '../../app/on-done.ts'
import type { Command, CommandContext } from '../command.ts'
import { escapeText } from '../escape-text.ts'
import { identifierWord } from '../identifier-word.ts'
import { networkRequest } from '../network-request.ts'
import type { Option } from '../option.ts'
import { durationOption, globsOption, pathOption, switchOption, textOption } from '../option-kinds.ts'
import { networkOptions, outputOptions, tradeOptions } from '../options.ts'

type FetchOptions = typeof networkOptions &
  typeof tradeOptions &
  typeof outputOptions & {
    readonly out: Option<string | undefined>
    readonly select: Option<readonly string[]>
    readonly keepSeeding: Option<boolean>
    readonly seedFor: Option<number | undefined>
    readonly overwrite: Option<boolean>
    readonly dryRun: Option<boolean>
    readonly onDone: Option<string | undefined>
  }

const options: FetchOptions = {
  out: pathOption('folder in which the tree lands, as DIR/<name>', 'folder', { letter: 'o', fallbackText: '.' }),
  select: globsOption('only the files that match; may be repeated'),
  keepSeeding: switchOption('stay as a seed until stopped', false),
  seedFor: durationOption('stay as a seed for this long'),
  overwrite: switchOption('replace what is at the destination when it differs', false),
  dryRun: switchOption('say what would be fetched, and write nothing', false),
  onDone: textOption('run this through the shell once the tree is in place; DISTRO_PATH and others tell it what', {
    placeholder: 'CMD',
    givenBy: 'trusted',
  }),
  ...networkOptions,
  ...tradeOptions,
  ...outputOptions,
}

/** `distro fetch <id>`. */
export const fetchCommand: Command<FetchOptions> = {
  name: 'fetch',
  summary: 'download a torrent, and print the path of the finished tree',
  arguments: [
    {
      name: 'id',
      describe: 'a magnet, an info-hash, a .torrent file, or an http(s) URL of one',
      isRequired: true,
      completes: 'file',
      choices: [],
    },
  ],
  options,
  examples: [
    { line: "distro fetch 'magnet:?xt=urn:btih:...'", does: 'download into the working folder; quote the magnet' },
    { line: 'distro fetch app.torrent --out /srv --seed-for 10m', does: 'land at /srv/<name>, then help others for ten minutes' },
    { line: "distro fetch app.torrent --select '*.deb' --dry-run", does: 'list what would be fetched' },
    { line: "distro fetch app.torrent --on-done 'systemctl restart app'", does: 'run a command once everything is verified and in place' },
    { line: 'distro fetch app.torrent --timeout 30m --stall-timeout 2m', does: 'give up in time, with an exit code that says why' },
  ],
  run: fetch,
}

async function fetch(context: CommandContext<FetchOptions>): Promise<number> {
  const { words, values, world, verbs, events, signal, printResult } = context
  let onDone: Promise<void> | undefined
  events.on('done', (done) => {
    printResult(escapeText(done.path))
    if (values.onDone !== undefined) onDone = startOnDone(values.onDone, done, world.env, signal)
    // It is awaited below; until then its failure must not end the process.
    onDone?.catch(() => undefined)
  })
  const result = await verbs.fetch(
    {
      id: identifierWord(words[0] ?? '', world.cwd),
      outDir: values.out ?? world.cwd,
      select: values.select,
      keepSeeding: values.keepSeeding,
      seedForMs: values.seedFor,
      overwrite: values.overwrite,
      isDryRun: values.dryRun,
      network: networkRequest(values, world),
    },
    events,
    signal,
  )
  if (result.isDryRun) printDryRun(context, result)
  await onDone
  return 0
}

function printDryRun({ printResult, printRecord }: CommandContext<FetchOptions>, result: FetchResult): void {
  for (const file of result.files) {
    printResult(`${String(file.lengthBytes).padStart(15)}  ${escapeText(file.path)}`)
    printRecord('file', file)
  }
}
