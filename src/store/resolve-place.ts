import { realpath } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/** Where a file lies that is to be written at `path`, with the links in its folder resolved; it need not be there. */
export async function resolvePlace(path: string): Promise<string> {
  const folder = await realpath(dirname(path)).catch(() => dirname(path))
  return join(folder, basename(path))
}
