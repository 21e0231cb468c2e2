import { DistroError } from '../../base/errors.ts'
import type { Events } from '../../base/events.ts'
import { systemClock } from '../../base/system-clock.ts'
import { askRun, type Outcome } from '../control/ask-run.ts'
import { type ControlRequest, MAX_URL_LENGTH } from '../control/control-request.ts'
import { pickRun } from '../control/pick-run.ts'
import { running } from '../control/running.ts'
import { runsFolder } from '../control/runs-folder.ts'
import type { VerbEvents } from '../events.ts'
import type { WebSeedAction, WebSeedRequest, WebSeedResult } from './web-seed-request.ts'

/** A run that adds a web seed may look up a name first. */
const PATIENCE_MS = 30_000

/** Shows or changes the web seeds of a run; see `WebSeedVerb`. */
export async function webSeed(request: WebSeedRequest, events: Events<VerbEvents>, signal: AbortSignal): Promise<WebSeedResult> {
  const { stateDir, action } = request
  const question = questionOf(action)
  const { runs, complaints } = await running(stateDir, signal)
  for (const message of complaints) events.emit('warning', { message })
  const { summary, socketName } = pickRun(request.run, runs)
  const patience = { clock: systemClock, patienceMs: PATIENCE_MS, signal }
  const outcome = await askRun(runsFolder(stateDir), socketName, question, patience)
  if (outcome.kind !== 'answered') throw failure(outcome, summary.id)
  if (outcome.last.kind === 'error') throw outcome.last.error
  const webSeeds = outcome.answers.flatMap((answer) => (answer.kind === 'web-seed' ? [answer.webSeed] : []))
  return { run: summary, webSeeds, ...outcome.last.change }
}

function questionOf(action: WebSeedAction): ControlRequest {
  const urls = action.kind === 'list' ? [] : action.kind === 'replace' ? [action.url, action.by] : [action.url]
  if (urls.some((url) => url.length > MAX_URL_LENGTH)) {
    throw new DistroError('USAGE', `A URL may have ${MAX_URL_LENGTH} characters at most.`, { hint: 'Is it a web seed at all?' })
  }
  switch (action.kind) {
    case 'list':
      return { ask: 'list-web-seeds' }
    case 'add':
      return { ask: 'add-web-seed', url: action.url }
    case 'remove':
      return { ask: 'remove-web-seed', url: action.url }
    case 'replace':
      return { ask: 'replace-web-seed', url: action.url, by: action.by }
  }
}

function failure(outcome: Exclude<Outcome, { kind: 'answered' }>, id: string): DistroError {
  switch (outcome.kind) {
    case 'dead':
    case 'gone':
      return new DistroError('INPUT_MISSING', `The run ${id} has ended meanwhile.`, { hint: 'distro ps lists what runs.' })
    case 'silent':
      return new DistroError('BUSY', `The run ${id} did not answer within ${PATIENCE_MS / 1_000} s.`, {
        hint: 'distro web-seed list says whether it did what it was asked.',
      })
    case 'garbled':
      return new DistroError('USAGE', `The run ${id} answers what cannot be understood: ${outcome.fault}.`, {
        hint: 'It may be of another version: use the distro that started it.',
      })
  }
}
