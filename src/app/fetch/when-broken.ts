import type { Events } from '../../base/events.ts'
import type { Swarm } from '../../swarm/swarm.ts'
import type { VerbEvents } from '../events.ts'

/**
 * Rejects when the swarm fails; what can no longer be read for others ends it only once there is nothing else to do, which `isPlaced` tells,
 * and is a warning before.
 */
export function whenBroken(swarm: Pick<Swarm, 'events'>, isPlaced: () => boolean, events: Events<VerbEvents>): Promise<never> {
  return new Promise((_resolve, reject) => {
    swarm.events.on('failed', reject)
    swarm.events.on('unreadable', (error) => {
      if (isPlaced()) reject(error)
      else events.emit('warning', { message: error.message })
    })
  })
}
