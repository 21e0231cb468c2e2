import { readlink, stat } from 'node:fs/promises'
import { quoteName } from '../torrent/quote-name.ts'

/** `/srv/app is a link to "/mnt/app", and nothing is there`, where `path` is a link to nothing; undefined where it is anything else. */
export async function danglingLink(path: string): Promise<string | undefined> {
  const text = await readlink(path).catch(() => undefined)
  if (text === undefined) return undefined
  const target = await stat(path).catch(() => undefined)
  return target === undefined ? `${path} is a link to ${quoteName(text)}, and nothing is there` : undefined
}
