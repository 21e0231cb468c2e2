import type { InfoDictionary } from '../../torrent/info.ts'
import type { FetchRequest } from './fetch-request.ts'

/** Throws USAGE where the person named a web seed wrongly, as far as that can be told with `content`, or before it is known. */
export async function checkWebSeeds(
  { webSeeds, webSeedAccess }: Pick<FetchRequest, 'webSeeds' | 'webSeedAccess'>,
  content: InfoDictionary | undefined,
): Promise<void> {
  if (webSeeds.length === 0) return
  const { checkWebSeed } = await import('../../web-seed/open-web-seed.ts')
  for (const text of webSeeds) checkWebSeed(text, webSeedAccess, content)
}
