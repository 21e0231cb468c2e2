import { isAbsolute, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DistroError } from '../../base/errors.ts'

/**
 * The folder that `text` names, absolute: an absolute path, one from `cwd` on that begins with `./` or `../`, or a `file:` URL. Undefined
 * for anything else. Throws USAGE for a `file:` URL of another machine.
 */
export function folderPath(text: string, cwd: string): string | undefined {
  if (isAbsolute(text) || /^\.\.?(?:\/|$)/.test(text)) return resolve(cwd, text)
  if (!/^file:/i.test(text)) return undefined
  try {
    return resolve(fileURLToPath(text))
  } catch {
    throw new DistroError('USAGE', 'The web seed is not a file URL of this machine.', {
      hint: 'Write it as file:///folder, or name the folder by its path.',
    })
  }
}
