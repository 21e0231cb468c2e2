import { resolve } from 'node:path'
import { parseIdentifier } from '../torrent/identifier.ts'
import type { Argument } from './command.ts'

/** The word that names a torrent, as help and completion tell of it. */
export const identifierArgument: Argument = {
  name: 'id',
  describe: 'a magnet, an info-hash, a .torrent file, or an http(s) URL of one',
  isRequired: true,
  completes: 'file',
  choices: [],
}

/** The word that names a torrent on the command line, checked, with a path made absolute. Throws what `parseIdentifier` throws. */
export function identifierWord(word: string, cwd: string): string {
  const identifier = parseIdentifier(word)
  return identifier.kind === 'path' ? resolve(cwd, identifier.path) : word.trim()
}
