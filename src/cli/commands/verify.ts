import { resolve } from 'node:path'
import { DistroError } from '../../base/errors.ts'
import type { Command, CommandContext } from '../command.ts'
import { escapeText } from '../escape-text.ts'
import { identifierWord } from '../identifier-word.ts'
import { outputOptions } from '../options.ts'
import { formatCount } from '../report/format.ts'

type VerifyOptions = typeof outputOptions

/** `distro verify <torrent> <path>`. */
export const verifyCommand: Command<VerifyOptions> = {
  name: 'verify',
  summary: 'check content on disk against a torrent',
  argument: { name: 'torrent', describe: 'a .torrent file, or an http(s) URL of one', isRequired: true, completes: 'file', choices: [] },
  secondArgument: { name: 'path', describe: 'the finished tree, or the folder it is in', isRequired: true, completes: 'file', choices: [] },
  options: outputOptions,
  examples: [
    { line: 'distro verify app.torrent /srv/app', does: 'print a line for each damaged or missing file; nothing when whole' },
    { line: 'distro verify app.torrent /srv/app --quiet && systemctl start app', does: 'only when every byte is right' },
  ],
  run: verify,
}

async function verify({ words, world, verbs, events, signal, printResult, printRecord }: CommandContext<VerifyOptions>): Promise<number> {
  const [torrent = '', path = ''] = words
  const result = await verbs.verify({ torrent: identifierWord(torrent, world.cwd), path: resolve(world.cwd, path) }, events, signal)
  for (const file of result.damaged) {
    printResult(`${file.state} ${escapeText(file.path)}`)
    printRecord('damage', file)
  }
  if (result.damaged.length === 0) return 0
  const counted = `${result.damaged.length} of ${formatCount(result.files, 'file')}`
  throw new DistroError('VERIFY_FAILED', `${counted} ${result.damaged.length === 1 ? 'is' : 'are'} missing or damaged.`, {
    hint: 'distro fetch with --overwrite, into the same folder, replaces them.',
  })
}
