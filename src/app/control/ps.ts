import type { Events } from '../../base/events.ts'
import type { VerbEvents } from '../events.ts'
import type { PsRequest, PsResult } from './ps-request.ts'
import { running } from './running.ts'

/** Lists what runs; see `PsVerb`. */
export async function ps(request: PsRequest, events: Events<VerbEvents>, signal: AbortSignal): Promise<PsResult> {
  const { runs, complaints } = await running(request.stateDir, signal)
  for (const message of complaints) events.emit('warning', { message })
  return { runs: runs.map(({ summary }) => summary) }
}
