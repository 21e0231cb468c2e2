import { execFileSync } from 'node:child_process'

/** True if both files are there and hold the same bytes. */
export function isSameFile(one: string, other: string): boolean {
  try {
    execFileSync('cmp', ['-s', one, other])
    return true
  } catch {
    return false
  }
}
