import { lstat, readdir } from 'node:fs/promises'

/** Of each place in `reuse`, the paths of which are absolute, where there is nothing to be reused: the sentence that says why. */
export async function checkReuse(reuse: readonly string[]): Promise<readonly string[]> {
  const faults = await Promise.all([...new Set(reuse)].map(async (path) => ({ path, fault: await faultOf(path) })))
  return faults.flatMap(({ path, fault }) => (fault === undefined ? [] : [`There is nothing to reuse at ${path}: ${fault}.`]))
}

/** Undefined for a file or a folder that can be read. */
async function faultOf(path: string): Promise<string | undefined> {
  try {
    if ((await lstat(path)).isFile()) return undefined
    await readdir(path)
    return undefined
  } catch (error) {
    const { code } = error as { readonly code?: unknown }
    if (code === 'ENOENT') return 'it does not exist'
    return code === 'ENOTDIR' ? 'it is neither a file nor a folder' : `it cannot be read (${String(code)})`
  }
}
