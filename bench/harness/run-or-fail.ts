import { spawnSync } from 'node:child_process'
import { DistroError } from '../../src/base/errors.ts'

/**
 * Runs a program to its end and returns what it printed.
 *
 * @throws DistroError `INTERNAL` with the end of what it complained of when it fails.
 */
export function runOrFail(program: string, words: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(program, words, { encoding: 'utf8' })
  if (status === 0) return stdout
  throw new DistroError('INTERNAL', `${program} ${words.join(' ')} ended with code ${status}`, {
    hint: stderr?.trimEnd().split('\n').slice(-8).join('\n'),
    cause: error,
  })
}
