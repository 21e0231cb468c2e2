import type { CopiesWanted } from '../../app/copies/copies-goal.ts'
import { MOST_HOSTS } from '../../app/copies/copy-ledger.ts'
import type { Command, CommandContext } from '../command.ts'
import { identifierArgument, identifierWord } from '../identifier-word.ts'
import { networkRequest } from '../network-request.ts'
import type { Option } from '../option.ts'
import { copiesOption, numberOption } from '../option-kinds.ts'
import { networkOptions, outputOptions } from '../options.ts'
import { waitedSentence } from '../report/sentences.ts'
import { StepSummary } from '../step-summary.ts'
import { type SeedOptions, seedOptions } from './seed.ts'

/** When nothing else is said. */
const USUAL_COPIES = 1

type WaitOptions = typeof networkOptions &
  typeof outputOptions &
  Pick<SeedOptions, 'expect' | 'report' | 'reportJunit'> & {
    readonly copies: Option<CopiesWanted | undefined>
    readonly zoneCopies: Option<number | undefined>
  }

const { expect, report, reportJunit } = seedOptions

const options: WaitOptions = {
  copies: {
    ...copiesOption('wait until this many distinct hosts hold the verified tree in place, or this share of those of --expect', MOST_HOSTS),
    fallbackText: String(USUAL_COPIES),
  },
  zoneCopies: numberOption('wait until this many hosts of each zone that --expect names hold the tree', 1, MOST_HOSTS),
  expect,
  report,
  reportJunit,
  ...networkOptions,
  ...outputOptions,
}

/** `distro wait <id>`: what `push` waits for, asked from elsewhere. */
export const waitCommand: Command<WaitOptions> = {
  name: 'wait',
  summary: 'wait until so many hosts hold what somebody else publishes (one, if not said; with --expect all of them), and transfer nothing',
  arguments: [identifierArgument],
  options,
  examples: [
    {
      line: "distro wait 'magnet:?xt=urn:btih:...' --copies 40 --timeout 20m",
      does: 'end with 0 when 40 hosts hold it, and with 4 if they do not in time',
    },
    { line: 'distro wait app.torrent --expect hosts.txt', does: 'end with 0 when every host in hosts.txt holds it' },
  ],
  run: wait,
}

async function wait({ words, values, world, verbs, events, signal, say, printRecord }: CommandContext<WaitOptions>): Promise<number> {
  const saysNothing = values.copies === undefined && values.zoneCopies === undefined && values.expect === undefined
  const waiting = verbs.wait(
    {
      id: identifierWord(words[0] ?? '', world.cwd),
      untilCopies: saysNothing ? USUAL_COPIES : values.copies,
      untilZoneCopies: values.zoneCopies,
      expected: values.expect === undefined ? undefined : { path: values.expect },
      reportOut: values.report,
      junitOut: values.reportJunit,
      network: networkRequest(values, world),
    },
    events,
    signal,
  )
  const summary = new StepSummary({ verb: 'wait', path: world.env.GITHUB_STEP_SUMMARY, events, signal })
  const result = await summary.around(waiting, waitedSentence)
  printRecord('waited', result)
  say(waitedSentence(result))
  if (!result.goalMet) signal.throwIfAborted()
  return 0
}
