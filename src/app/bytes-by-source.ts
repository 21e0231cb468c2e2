import type { SwarmStatus } from '../swarm/swarm-types.ts'
import type { BytesBySource } from './events.ts'

/** Where the verified bytes came from; `localBytes` of them were here before. What came twice or was wrong is in none of the figures. */
export function bytesBySource(
  { bytesDone, webSeedBytes }: Pick<SwarmStatus, 'bytesDone' | 'webSeedBytes'>,
  localBytes: number,
): BytesBySource {
  const fetched = Math.max(0, bytesDone - localBytes)
  const webSeeds = Math.min(fetched, webSeedBytes)
  return { peers: fetched - webSeeds, webSeeds, local: localBytes }
}
