import type { Command } from '../command.ts'
import { publish, type SeedOptions, seedOptions } from './seed.ts'

/** When nothing else is said. */
const USUAL_COPIES = 1

type PushOptions = Omit<SeedOptions, 'for' | 'ratio'>

const { for: _for, ratio: _ratio, ...shared } = seedOptions

const options: PushOptions = { ...shared, untilCopies: { ...shared.untilCopies, fallbackText: String(USUAL_COPIES) } }

/** `distro push <path>`: a seed that has somewhere to get to. */
export const pushCommand: Command<PushOptions> = {
  name: 'push',
  summary: 'publish a file or directory, wait until so many hosts hold it (one, if not said; with --expect all of them), and end',
  arguments: [{ name: 'path', describe: 'the file or directory to publish', isRequired: true, completes: 'file', choices: [] }],
  options,
  examples: [
    {
      line: 'distro push dist/ --until-copies 40 --timeout 20m',
      does: 'end with 0 when 40 hosts hold dist/, and with 4 if they do not in time',
    },
    {
      line: 'distro push dist/ --expect hosts.txt --until-copies 95% --report report.json',
      does: 'end with 0 when 95 % of the hosts in hosts.txt hold it; who is missing is said at the end',
    },
    { line: 'distro push dist/ --magnet-out magnet.txt', does: 'give dist/ to one host, which can give it to the others' },
  ],
  run: (context) => {
    const { values } = context
    const saysNothing = values.untilCopies === undefined && values.untilZoneCopies === undefined && values.expect === undefined
    const untilCopies = saysNothing ? USUAL_COPIES : values.untilCopies
    return publish({ ...context, values: { ...values, untilCopies, for: undefined, ratio: undefined } }, 'push')
  },
}
