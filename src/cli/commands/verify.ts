import { resolve } from 'node:path'
import type { DamagedFile, VerifyResult } from '../../app/torrents/verify-request.ts'
import { DistroError } from '../../base/errors.ts'
import { formatCount } from '../../base/format.ts'
import type { Command, CommandContext } from '../command.ts'
import { escapeName } from '../escape-text.ts'
import { identifierWord } from '../identifier-word.ts'
import { outputOptions, selectOptions } from '../options.ts'
import { verifyHint } from '../verify-hint.ts'

type VerifyOptions = typeof outputOptions & typeof selectOptions

/** `distro verify <torrent> <path>`. */
export const verifyCommand: Command<VerifyOptions> = {
  name: 'verify',
  summary: 'check content on disk against a torrent',
  arguments: [
    { name: 'torrent', describe: 'a .torrent file, or an http(s) URL of one', isRequired: true, completes: 'file', choices: [] },
    { name: 'path', describe: 'the finished tree, or the folder it is in', isRequired: true, completes: 'file', choices: [] },
  ],
  options: { ...selectOptions, ...outputOptions },
  examples: [
    {
      line: 'distro verify app.torrent /srv/app',
      does: 'print a line for each file that is missing, damaged, of another mode, or not in the torrent; nothing when whole',
    },
    { line: 'distro verify app.torrent /srv/app --quiet && systemctl start app', does: 'only when every byte is right' },
    {
      line: "distro verify app.torrent /srv/app --select '*.deb'",
      does: 'the part that fetch --select placed; the other files may be missing',
    },
  ],
  run: verify,
}

async function verify({
  words,
  values,
  world,
  verbs,
  events,
  signal,
  printResult,
  printRecord,
}: CommandContext<VerifyOptions>): Promise<number> {
  const [torrent = '', path = ''] = words
  const { select } = values
  const request = { torrent: identifierWord(torrent, world.cwd), path: resolve(world.cwd, path), select }
  const result = await verbs.verify(request, events, signal)
  let times = 0
  for (const file of result.damaged) {
    if (file.state === 'mtime') times++
    if (file.state !== 'mtime' || times <= MOST_TIMES) {
      printResult(
        `${file.state} ${escapeName(file.path)}${modePhrase(file)}${escapeName(targetPhrase(file))}${escapeName(sharingPhrase(file, result.isPart))}`,
      )
    }
    printRecord('damage', file)
  }
  if (times > MOST_TIMES) printResult(`mtime ... and ${times - MOST_TIMES} more; --json lists them all`)
  if (result.damaged.length === 0) return 0
  throw new DistroError('VERIFY_FAILED', verdict(result), { hint: verifyHint(result) })
}

/** Lines for modification times: a copy that keeps none has as many of them as it has entries, and they would hide what matters. */
const MOST_TIMES = 10

/** ` (should be executable)`, for a file whose exec bit is not as published; ` (should be 0640)` for another mode. */
function modePhrase({ state, mode, mtime, isExecutable = false }: DamagedFile): string {
  if (mode !== undefined) return ` (should be ${mode})`
  if (mtime !== undefined) return ` (should be of ${mtime})`
  if (state !== 'mode') return ''
  return isExecutable ? ' (should be executable)' : ' (should not be executable)'
}

/** ` (should be a link to ../lib)`, for a link. */
function targetPhrase({ target }: DamagedFile): string {
  return target === undefined ? '' : ` (should be a link to ${target})`
}

/** ` (shares a wrong piece with b, c, d and 4 more)`, for a file of which nobody can tell whether it is damaged, and the like for one that could not be checked. */
function sharingPhrase({ state, sharesPieceWith = [], sharers = 0 }: DamagedFile, isPart = false): string {
  if (sharesPieceWith.length === 0) return ''
  const more = sharers - sharesPieceWith.length
  const others = `${sharesPieceWith.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
  return state === 'unchecked'
    ? ` (shares a piece with ${others}, which ${sharers === 1 ? 'is' : 'are'} missing${isPart ? ', of another length or not selected' : ' or of another length'})`
    : ` (shares a wrong piece with ${others})`
}

function verdict({ damaged, files, isPart = false, wrongFiles: { least, most } }: VerifyResult): string {
  const extra = damaged.filter(({ state }) => state === 'extra').length
  const times = damaged.filter(({ state }) => state === 'mtime').length
  const unlike = damaged.filter(
    ({ state, path, target }) => !['extra', 'mtime'].includes(state) && (target !== undefined || path.endsWith('/')),
  ).length
  const unchecked = damaged.filter(({ state }) => state === 'unchecked').length
  const others = [
    unchecked > 0 && `${formatCount(unchecked, 'file')} could not be checked`,
    unlike > 0 && `${formatCount(unlike, 'link or folder', 'links or folders')} ${unlike === 1 ? 'is' : 'are'} not as published`,
    times > 0 && `${formatCount(times, 'modification time')} ${times === 1 ? 'is' : 'are'} not as published`,
    extra > 0 &&
      `${formatCount(extra, 'entry', 'entries')} ${extra === 1 ? 'is' : 'are'} there that ${extra === 1 ? 'is' : 'are'} not in the torrent`,
  ].filter((phrase) => phrase !== false)
  if (most === 0) return `${nothingWrong(damaged, isPart)}, but ${others.join(', and ')}.`
  const counted = `${least === most ? least : `${least} to ${most}`} of ${formatCount(files, isPart ? 'selected file' : 'file')}`
  const flaws = damaged.some(({ state }) => state === 'mode') ? 'missing, damaged or of another mode' : 'missing or damaged'
  return `${[`${counted} ${most === 1 ? 'is' : 'are'} ${flaws}`, ...others].join(', and ')}.`
}

/** `Every file is right`; where some could not be checked, only that nothing wrong is known. */
function nothingWrong(damaged: VerifyResult['damaged'], isPart: boolean): string {
  if (damaged.some(({ state }) => state === 'unchecked')) return 'Nothing wrong was found'
  return isPart ? 'Every selected file is right' : 'Every file is right'
}
