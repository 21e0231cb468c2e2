import { createHash } from 'node:crypto'
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join, relative } from 'node:path'

/** What stands at a path and below it, one line each, in the order of the paths: kind, exec bit, and the SHA-1 or the target. */
export function treeListing(root: string): string[] {
  const below = lstatSync(root).isDirectory() ? readdirSync(root, { recursive: true, withFileTypes: true }) : []
  const paths = below.map((entry) => join(entry.parentPath, entry.name))
  return [root, ...paths].map((path) => `${relative(root, path)}: ${whatIsAt(path)}`).sort()
}

function whatIsAt(path: string): string {
  const stats = lstatSync(path)
  if (stats.isSymbolicLink()) return `link to ${readlinkSync(path)}`
  if (stats.isDirectory()) return 'folder'
  if (!stats.isFile()) return 'something else'
  const special = (stats.mode & 0o7000).toString(8)
  const execBit = (stats.mode & 0o100) === 0 ? 'file' : 'executable'
  return `${execBit} ${special} ${createHash('sha1').update(readFileSync(path)).digest('hex')}`
}
