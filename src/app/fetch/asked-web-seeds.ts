import type { SoughtTorrent } from '../resolve/resolve-torrent.ts'
import type { NamedWebSeed } from '../web-seeds/run-web-seeds.ts'
import type { FetchRequest } from './fetch-request.ts'

type Wishes = Pick<FetchRequest, 'webSeeds' | 'usesNamedWebSeeds' | 'trustsMagnetUrls'>

/** The web seeds that a fetch asks from the start: those of the person, then those that the torrent or the magnet names, as far as they are wanted. */
export function askedWebSeeds({ webSeeds, usesNamedWebSeeds, trustsMagnetUrls }: Wishes, sought: SoughtTorrent): NamedWebSeed[] {
  const named = usesNamedWebSeeds ? sought.webSeeds : []
  const asked = named.filter(({ namedBy }) => namedBy !== 'magnet' || trustsMagnetUrls)
  return [...webSeeds.map((url) => ({ url, namedBy: 'operator' as const })), ...asked]
}
