import type { SwarmStatus } from '../swarm/swarm-types.ts'
import type { BytesBySource } from './events.ts'

/** Where the verified bytes came from; `localBytes` of them were here before, in whole pieces. What came twice or was wrong is in none of the figures. */
export function bytesBySource(
  { bytesDone, webSeedBytes, earlierBytes }: Pick<SwarmStatus, 'bytesDone' | 'webSeedBytes' | 'earlierBytes'>,
  localBytes: number,
): BytesBySource {
  const local = localBytes + earlierBytes
  const fetched = Math.max(0, bytesDone - local)
  const webSeeds = Math.min(fetched, webSeedBytes)
  return { peers: fetched - webSeeds, webSeeds, local }
}
