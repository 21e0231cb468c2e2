import { resolve } from 'node:path'

/**
 * The word that names a torrent on the command line, with a path made absolute. Magnets, URLs and info-hashes are told by their
 * form alone, so that a file of such a name never changes what a command means; `./<name>` reaches such a file.
 */
export function identifierWord(word: string, cwd: string): string {
  const trimmed = word.trim()
  const isPath = !/^[a-z][a-z0-9+.-]+:/i.test(trimmed) && !/^([0-9a-f]{40}|[0-9a-f]{64}|[a-z2-7]{32})$/i.test(trimmed)
  return isPath && trimmed !== '' ? resolve(cwd, word) : trimmed
}
