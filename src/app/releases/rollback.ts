import type { Events } from '../../base/events.ts'
import { systemClock } from '../../base/system-clock.ts'
import { rollBack } from '../../store/roll-back.ts'
import type { VerbEvents } from '../events.ts'
import type { RollbackRequest, RollbackResult } from './rollback-request.ts'
import { switchedEvent } from './switched-event.ts'

/** Goes back to an earlier release; see `RollbackVerb`. */
export async function rollback(request: RollbackRequest, events: Events<VerbEvents>, signal: AbortSignal): Promise<RollbackResult> {
  let isSwitched = false
  const outcome = await rollBack({ ...request, clock: systemClock, signal }, (done) => {
    isSwitched = done.isOwed !== true
    events.emit(isSwitched ? 'switched' : 'switchOwed', switchedEvent('rollback', done))
  })
  return { ...switchedEvent('rollback', outcome), isSwitched }
}
