import type { CopiesWanted } from '../../app/copies/copies-goal.ts'
import { MOST_HOSTS } from '../../app/copies/copy-ledger.ts'
import { DistroError } from '../../base/errors.ts'
import { checkPublishedSetting } from '../check-published-setting.ts'
import type { Command, CommandContext } from '../command.ts'
import { networkRequest } from '../network-request.ts'
import type { Option } from '../option.ts'
import { copiesOption, durationOption, hostNameOption, numberOption, pathOption, ratioOption } from '../option-kinds.ts'
import { knownTreesOptions, networkOptions, outputOptions, tradeOptions, treeOptions } from '../options.ts'
import { seededSentence } from '../report/sentences.ts'
import { zonesSentence } from '../report/zones-sentence.ts'
import { StepSummary } from '../step-summary.ts'
import { treeRequest } from '../tree-request.ts'

/** With --handover, when nothing else is said, and at most: those that are looked up at a time. */
const USUAL_HEIRS = 2
const MOST_HEIRS = 16

/** The flags of `distro seed`. */
export type SeedOptions = typeof treeOptions &
  typeof networkOptions &
  typeof tradeOptions &
  typeof knownTreesOptions &
  typeof outputOptions & {
    readonly torrent: Option<string | undefined>
    readonly torrentOut: Option<string | undefined>
    readonly magnetOut: Option<string | undefined>
    readonly untilCopies: Option<CopiesWanted | undefined>
    readonly untilZoneCopies: Option<number | undefined>
    readonly expect: Option<string | undefined>
    readonly handover: Option<string | undefined>
    readonly handoverCopies: Option<number | undefined>
    readonly report: Option<string | undefined>
    readonly reportJunit: Option<string | undefined>
    readonly for: Option<number | undefined>
    readonly ratio: Option<number | undefined>
    readonly http: Option<number | undefined>
  }

/** What `distro push` takes from it. */
export const seedOptions: SeedOptions = {
  torrent: pathOption('publish under this existing .torrent in place of a new one', 'file', { givenBy: 'flag' }),
  ...treeOptions,
  torrentOut: pathOption('write the .torrent to this file as well', 'file', { givenBy: 'flag' }),
  magnetOut: pathOption('write the magnet to this file as well', 'file', { givenBy: 'flag' }),
  untilCopies: copiesOption(
    'end when this many distinct hosts hold the verified tree in place, or this share of those of --expect',
    MOST_HOSTS,
  ),
  untilZoneCopies: numberOption('end only when this many hosts of each zone that --expect names hold the tree', 1, MOST_HOSTS),
  expect: pathOption(
    'file that lists hosts, one a line, with their zones: only their copies count, and all of them are waited for unless fewer are asked for',
    'file',
  ),
  handover: hostNameOption('end only when this host, by its name or address, and others hold the tree, stay, and can be reached', 'HOST'),
  handoverCopies: numberOption('with --handover, how many hosts shall hold the tree and stay, that one included', 1, MOST_HEIRS, {
    fallbackText: '2',
  }),
  report: pathOption('when it ends, write to this file which hosts hold the tree, as JSON', 'file', { givenBy: 'flag' }),
  reportJunit: pathOption(
    'when it ends, write to this file which hosts hold the tree, as JUnit XML, a test case a host, for the page of the build job',
    'file',
    {
      givenBy: 'flag',
    },
  ),
  for: durationOption('end after this long, with exit code 0; --timeout ends in failure'),
  ratio: ratioOption('end when this many times the size of the tree was sent'),
  http: numberOption('serve the content over HTTP too, as a web seed, on this port; 0 is any free one', 0, 65_535, {
    placeholder: 'PORT',
    fallbackText: 'off',
  }),
  ...knownTreesOptions,
  ...networkOptions,
  ...tradeOptions,
  ...outputOptions,
}

/** `distro seed <path>`. */
export const seedCommand: Command<SeedOptions> = {
  name: 'seed',
  summary: 'publish a file or directory and stay, until stopped or a goal is met',
  arguments: [{ name: 'path', describe: 'the file or directory to publish', isRequired: true, completes: 'file', choices: [] }],
  options: seedOptions,
  examples: [
    { line: 'distro seed dist/', does: 'publish dist/; the magnet is printed once others can find it' },
    { line: 'distro seed dist/ --until-copies 3', does: 'end by itself when three hosts hold it' },
    { line: 'distro seed dist/ --expect hosts.txt', does: 'end by itself when every host in hosts.txt holds it' },
    { line: 'distro seed dist/ --for 2h --up-limit 20M', does: 'stay for two hours at 20 MiB a second at most' },
    { line: 'distro seed dist/ --handover mirror-1', does: 'end by itself when mirror-1 and one more host have it and stay' },
    { line: 'distro seed dist/ --http 8080', does: 'be a web seed too, for curl, aria2 and every client that takes one' },
    { line: 'distro seed image.iso --torrent image.torrent', does: 'publish what an existing .torrent describes' },
  ],
  run: (context) => publish(context, 'seed'),
}

/** Publishes what the first word names, until a goal among the values is met; `verb` is what it was asked by. */
export async function publish(context: CommandContext<SeedOptions>, verb: 'seed' | 'push'): Promise<number> {
  const { values, settings, world, verbs, events, signal, say, printResult } = context
  refuseTreeFlagsBesideTorrent(values)
  refuseSharedPort(values)
  refuseHeirsWithoutHandover(values)
  events.on('ready', (ready) => printResult(ready.magnet))
  checkPublishedSetting(values.webSeed, settings.get('webSeed'))
  const seeding = verbs.seed(
    {
      verb,
      ...treeRequest(context),
      torrentFile: values.torrent,
      torrentOut: values.torrentOut,
      magnetOut: values.magnetOut,
      reportOut: values.report,
      junitOut: values.reportJunit,
      untilCopies: values.untilCopies,
      untilZoneCopies: values.untilZoneCopies,
      expected: values.expect === undefined ? undefined : { path: values.expect },
      handover: values.handover === undefined ? undefined : { host: values.handover, copies: values.handoverCopies ?? USUAL_HEIRS },
      forMs: values.for,
      ratio: values.ratio,
      httpPort: values.http,
      knownTrees: values.knownTrees,
      network: networkRequest(values, world),
    },
    events,
    signal,
  )
  const waitsForCopies = values.untilCopies !== undefined || values.expect !== undefined
  const path = waitsForCopies ? world.env.GITHUB_STEP_SUMMARY : undefined
  const result = await new StepSummary({ verb, path, events, signal }).around(seeding, seededSentence)
  if (result.goalMet) return 0
  say(seededSentence(result))
  if (result.zones !== undefined) say(zonesSentence(result.zones))
  signal.throwIfAborted()
  return 0
}

function refuseTreeFlagsBesideTorrent(values: CommandContext<SeedOptions>['values']): void {
  if (values.torrent === undefined) return
  const given = [
    values.name !== undefined && '--name',
    values.exclude.length > 0 && '--exclude',
    values.pieceLength !== undefined && '--piece-length',
    values.format !== undefined && '--format',
    values.comment !== undefined && '--comment',
    values.private && '--private',
    !values.blockSums && '--no-block-sums',
    values.similar.length > 0 && '--similar',
    values.collection.length > 0 && '--collection',
    values.modes && '--modes',
    values.mtimes && '--mtimes',
  ].filter((flag) => flag !== false)
  if (given.length === 0) return
  throw new DistroError('USAGE', `${given.join(', ')} cannot be used with --torrent.`, {
    hint: 'The .torrent already says these; leave out one or the other.',
  })
}

function refuseHeirsWithoutHandover({ handover, handoverCopies }: CommandContext<SeedOptions>['values']): void {
  if (handover !== undefined || handoverCopies === undefined) return
  throw new DistroError('USAGE', '--handover-copies says how many take over, and there is no --handover.', { hint: 'Add --handover HOST.' })
}

function refuseSharedPort({ port, http }: CommandContext<SeedOptions>['values']): void {
  if (http === undefined || http === 0 || http !== port) return
  throw new DistroError('USAGE', `--port and --http both name port ${port}.`, { hint: 'Peers and HTTP take one port each.' })
}
