import { execFileSync } from 'node:child_process'

/** True if both files, or both folders with all that is in them, are there and hold the same. */
export function isSameTree(one: string, other: string): boolean {
  try {
    execFileSync('diff', ['-rq', '--no-dereference', one, other], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
