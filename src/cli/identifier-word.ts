import { resolve } from 'node:path'
import { parseIdentifier } from '../torrent/identifier.ts'

/** The word that names a torrent on the command line, checked, with a path made absolute. Throws what `parseIdentifier` throws. */
export function identifierWord(word: string, cwd: string): string {
  const identifier = parseIdentifier(word)
  return identifier.kind === 'path' ? resolve(cwd, identifier.path) : word.trim()
}
