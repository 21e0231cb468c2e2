import { DistroError } from '../../base/errors.ts'
import { quoteName } from '../../torrent/quote-name.ts'
import type { RunSummary } from './control-answer.ts'

const SHORTEST_HASH = 4
const LISTED = 10

/**
 * The run that `word` names: by its id or the start of it, by its name, or by its info-hash or at least four digits from its start. Of several
 * that may be meant it is the only fetch among them, because a seed has everything and asks no web seed. Throws INPUT_MISSING if there is none, and USAGE if there are several.
 */
export function pickRun<Run extends { readonly summary: RunSummary }>(word: string, runs: readonly Run[]): Run {
  const exact = runs.filter(({ summary }) => summary.id === word.toLowerCase())
  const found = exact.length > 0 ? exact : runs.filter(({ summary }) => isCalled(summary, word))
  const [run] = found
  if (run === undefined) {
    throw new DistroError('INPUT_MISSING', `Nothing runs that is called ${quoteName(word)}.`, {
      hint: runs.length === 0 ? 'Nothing runs at all; was it started with the same --state-dir?' : `What runs: ${candidates(runs)}.`,
    })
  }
  const [fetch, another] = found.filter(({ summary }) => summary.verb === 'fetch')
  if (found.length === 1) return run
  if (fetch !== undefined && another === undefined) return fetch
  throw new DistroError('USAGE', `${quoteName(word)} may be any of ${found.length} runs.`, {
    hint: `Name one by its id: ${candidates(found)}.`,
  })
}

function isCalled({ id, name, infoHash }: RunSummary, word: string): boolean {
  const lower = word.toLowerCase()
  return name === word || id.startsWith(lower) || (lower.length >= SHORTEST_HASH && infoHash?.startsWith(lower) === true)
}

function candidates(runs: readonly { readonly summary: RunSummary }[]): string {
  const shown = runs.slice(0, LISTED).map(({ summary: { id, verb, name } }) => `${id} (${verb}${name === null ? '' : ` ${name}`})`)
  return `${shown.join(', ')}${runs.length > LISTED ? `, and ${runs.length - LISTED} more` : ''}`
}
