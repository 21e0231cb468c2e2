import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join, relative } from 'node:path'

/** The paths below two folders whose content differs or that only one of them has; empty when the trees are equal. */
export async function differingPaths(one: string, other: string): Promise<string[]> {
  const [ones, others] = await Promise.all([digests(one), digests(other)])
  return [...new Set([...ones.keys(), ...others.keys()])].filter((path) => ones.get(path) !== others.get(path)).sort()
}

async function digests(folder: string): Promise<Map<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const found = new Map<string, string>()
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name)
    found.set(relative(folder, path), entry.isFile() ? await digest(path) : 'folder')
  }
  return found
}

async function digest(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Uint8Array)
  return hash.digest('hex')
}
