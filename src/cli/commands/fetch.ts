import type { FetchedFile, FetchForecast, FetchResult } from '../../app/fetch/fetch-request.ts'
import { runHook } from '../../app/releases/hook.ts'
import { runSwitchHook } from '../../app/releases/switch-hook.ts'
import { DistroError } from '../../base/errors.ts'
import { formatCount, formatSize } from '../../base/format.ts'
import type { Command, CommandContext } from '../command.ts'
import { escapeName, escapeText } from '../escape-text.ts'
import { exitCodes } from '../exit-codes.ts'
import { followSwitches } from '../follow-switches.ts'
import { HookQueue, hookWarning } from '../hook-queue.ts'
import { identifierArgument, identifierWord } from '../identifier-word.ts'
import { networkRequest } from '../network-request.ts'
import type { Option, Values } from '../option.ts'
import { durationOption, foldersOption, hostNameOption, numberOption, pathOption, switchOption, textOption } from '../option-kinds.ts'
import { knownTreesOptions, networkOptions, outputOptions, selectOptions, switchOptions, tradeOptions, webSeedOptions } from '../options.ts'

/** Time enough to meet peers that are there, and short beside a download. */
const USUAL_WEB_SEED_DELAY_MS = 1_000

/** What can be gone back to is always kept. */
const LEAST_KEPT = 2
const MOST_KEPT = 1_000

type FetchOptions = typeof networkOptions &
  typeof tradeOptions &
  typeof webSeedOptions &
  typeof switchOptions &
  typeof knownTreesOptions &
  typeof selectOptions &
  typeof outputOptions & {
    readonly out: Option<string | undefined>
    readonly releases: Option<string | undefined>
    readonly keep: Option<number | undefined>
    readonly keepSeeding: Option<boolean>
    readonly seedFor: Option<number | undefined>
    readonly overwrite: Option<boolean>
    readonly reuse: Option<readonly string[]>
    readonly reuseLinks: Option<boolean>
    readonly dryRun: Option<boolean>
    readonly onDone: Option<string | undefined>
    readonly hostName: Option<string | undefined>
  }

const options: FetchOptions = {
  out: pathOption('folder in which the tree lands, as DIR/<name>', 'folder', { letter: 'o', fallbackText: '.' }),
  releases: pathOption('folder of releases: the tree lands in one of its own there, and the link current is switched to it', 'folder'),
  keep: numberOption(
    'with --releases, how many releases stay, at least 2: the current one and the one before always do',
    LEAST_KEPT,
    MOST_KEPT,
    {
      fallbackText: 'all',
    },
  ),
  ...selectOptions,
  keepSeeding: switchOption('stay as a seed until stopped', false),
  seedFor: durationOption('stay as a seed for this long'),
  overwrite: switchOption('replace the whole tree at the destination when it differs; what is not in the torrent is deleted', false),
  reuse: foldersOption('take from this tree or file, such as an earlier version, what need not be fetched then; may be repeated'),
  reuseLinks: switchOption('let an unchanged file be a hard link to the one it was found as; who changes one then changes both', false),
  dryRun: switchOption(
    'list what would be fetched of each file, write nothing and run no command; fails where the fetch would be refused',
    false,
  ),
  onDone: textOption('run this through the shell once the tree is in place; DISTRO_PATH and others, and JSON on stdin, tell it what', {
    placeholder: 'CMD',
    givenBy: 'trusted',
  }),
  hostName: hostNameOption(
    'what this host is called, told to the seed with its copy; runs with one --state-dir on one machine are one host',
  ),
  ...knownTreesOptions,
  ...switchOptions,
  ...webSeedOptions,
  ...networkOptions,
  ...tradeOptions,
  ...outputOptions,
}

/** `distro fetch <id>`. */
export const fetchCommand: Command<FetchOptions> = {
  name: 'fetch',
  summary: 'download a torrent, and print the path of the finished tree',
  arguments: [identifierArgument],
  options,
  examples: [
    { line: "distro fetch 'magnet:?xt=urn:btih:...'", does: 'download into the working folder; quote the magnet' },
    { line: 'distro fetch app.torrent --out /srv --seed-for 10m', does: 'land at /srv/<name>, then help others for ten minutes' },
    {
      line: 'distro fetch app.torrent --releases /srv/app --keep 3',
      does: 'land beside the releases before, and switch /srv/app/current to it',
    },
    { line: "distro fetch app.torrent --select '*.deb' --dry-run", does: 'list what would be fetched' },
    { line: 'distro fetch app.torrent --reuse /srv/old/app', does: 'fetch only what is not in an earlier version' },
    { line: "distro fetch app.torrent --on-done 'systemctl restart app'", does: 'run a command once everything is verified and in place' },
    { line: 'distro fetch app.torrent --web-seed https://mirror.example/', does: 'ask a mirror for what no peer has' },
    { line: 'distro fetch app.torrent --timeout 30m --stall-timeout 2m', does: 'give up in time, with an exit code that says why' },
  ],
  stopHint: 'What was verified is kept: run the same command again to go on.',
  run: fetch,
}

async function fetch(context: CommandContext<FetchOptions>): Promise<number> {
  const { words, values, world, verbs, events, signal, printResult } = context
  const staysAsSeed = values.keepSeeding || values.seedFor !== undefined
  checkTogether(values)
  const hooks = new HookQueue((error, isFirst) => {
    if (signal.aborted || (isFirst && !staysAsSeed)) return
    const outcome = isFirst ? ` Seeding goes on; the exit code will be ${exitCodes[error.code].exitCode}.` : ''
    events.emit('warning', { message: `${error.message}${outcome}` })
  })
  const { onSwitch } = values
  if (onSwitch !== undefined) followSwitches(events, (fields) => hooks.add(() => runSwitchHook(onSwitch, fields, world.env, signal)))
  events.on('done', (fields) => {
    const command = values.onDone
    printResult(escapeText(fields.path))
    if (command !== undefined) hooks.add(() => runHook(command, { type: 'done', fields }, world.env, signal))
  })
  const fetching = verbs.fetch(
    {
      id: identifierWord(words[0] ?? '', world.cwd),
      outDir: values.releases ?? values.out ?? world.cwd,
      releases: values.releases === undefined ? undefined : { keep: values.keep, runsHook: onSwitch !== undefined },
      select: values.select,
      keepSeeding: values.keepSeeding,
      seedForMs: values.seedFor,
      overwrite: values.overwrite,
      reuse: values.reuse,
      mayLink: values.reuseLinks,
      knownTrees: values.knownTrees,
      isDryRun: values.dryRun,
      webSeeds: values.webSeed,
      usesNamedWebSeeds: values.webSeeds,
      trustsMagnetUrls: values.trustMagnetUrls,
      webSeedMode: values.webSeedMode,
      webSeedDelayMs: values.webSeedDelay ?? USUAL_WEB_SEED_DELAY_MS,
      hostName: values.hostName,
      webSeedAccess: { env: world.env, cwd: world.cwd },
      network: networkRequest(values, world),
    },
    events,
    signal,
  )
  const result = await hooks.beside(fetching, (failure) => {
    // While it stays as a seed it was told at once.
    if (!staysAsSeed) events.emit('warning', hookWarning(failure))
  })
  if (result.isDryRun) printDryRun(context, result)
  await hooks.end()
  if (result.refusal !== undefined) throw result.refusal
  return 0
}

function checkTogether({ releases, keep, out, overwrite, onSwitch, keepSeeding, seedFor }: Values<FetchOptions>): void {
  if (keepSeeding && seedFor !== undefined) {
    throw new DistroError('USAGE', '--keep-seeding and --seed-for both say how long to stay as a seed.', { hint: 'Leave one of them out.' })
  }
  if (releases === undefined && keep !== undefined) {
    throw new DistroError('USAGE', '--keep says how many releases stay, and there is no --releases.', { hint: 'Add --releases DIR.' })
  }
  if (releases === undefined && onSwitch !== undefined) {
    throw new DistroError('USAGE', '--on-switch runs when a release is switched to, and there is no --releases.', {
      hint: 'Add --releases DIR, or use --on-done.',
    })
  }
  if (releases !== undefined && out !== undefined) {
    throw new DistroError('USAGE', '--out and --releases both say where the tree lands.', { hint: 'Leave one of them out.' })
  }
  if (releases !== undefined && overwrite) {
    throw new DistroError('USAGE', '--overwrite does not go with --releases: a release never replaces another one in its place.', {
      hint: 'Leave one of them out.',
    })
  }
}

function printDryRun({ values, say, printResult, printRecord }: CommandContext<FetchOptions>, result: FetchResult): void {
  const { files, bytes, outlook, refusal } = result
  const missing = new Set(outlook?.missingPaths ?? files.map(({ path }) => path))
  const sizes = files.map(sizePhrase)
  const widest = sizes.reduce((width, size) => Math.max(width, size.length), 0)
  for (const [index, file] of files.entries()) {
    if (missing.has(file.path)) printResult(`${sizes[index]?.padStart(widest)}  ${escapeName(file.path)}`)
    printRecord('file', file)
  }
  if (outlook !== undefined) {
    const { hereBytes, missingBytes } = outlook
    printRecord('outlook', { bytes, hereBytes, missingBytes, missingFiles: missing.size })
  }
  const what = `${outlook === undefined ? '' : outlookPhrase(outlook)}${refusal === undefined ? '' : ', which would be refused'}`
  const hooks = values.onDone === undefined && values.onSwitch === undefined ? '' : ' and no command was run'
  if (!values.json) say(`${formatCount(files.length, 'file')}, ${formatSize(bytes)} in all${what}; nothing was written${hooks}`)
}

/** `300 KiB of 1 MiB`, or `1 MiB` where all of the file is to come, or that is not known. */
function sizePhrase({ lengthBytes, missingBytes = lengthBytes }: FetchedFile): string {
  const length = formatSize(lengthBytes)
  return missingBytes === lengthBytes ? length : `${formatSize(missingBytes)} of ${length}`
}

/** `, 60.5 MiB of it here already, at most 300 KiB of 3 files to fetch`: of blocks that changed it turns out later which parts did. */
function outlookPhrase({ hereBytes, missingBytes, missingPaths }: FetchForecast): string {
  if (hereBytes === 0) return ', all of it to fetch'
  if (missingBytes === 0) return ', all of it here already'
  return `, ${formatSize(hereBytes)} of it here already, at most ${formatSize(missingBytes)} of ${formatCount(missingPaths.length, 'file')} to fetch`
}
