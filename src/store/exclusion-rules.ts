import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ignore, { type Ignore } from 'ignore'
import picomatch from 'picomatch'
import { diskError } from './disk-error.ts'

/** The file in any directory of a tree that says, in the syntax of .gitignore, what below it is not published. */
export const IGNORE_FILE = '.distroignore'

/**
 * What is left out of a published tree: `--exclude` globs, which nothing can overrule, and ignore files, where a rule in a deeper
 * directory overrules those above it. What is in a directory that is left out is never looked at.
 */
export class ExclusionRules {
  readonly #globs: readonly { readonly matches: (path: string) => boolean; readonly isForDirectories: boolean }[]
  readonly #ignoreFiles = new Map<string, Ignore>()

  /** A glob without a slash matches the last element at any depth; one that ends with a slash matches directories only. */
  constructor(globs: readonly string[]) {
    this.#globs = globs.map((glob) => {
      const pattern = glob.replace(/\/+$/, '').replace(/^\.?\//, '')
      return {
        matches: picomatch(pattern, { dot: true, basename: !pattern.includes('/') && !glob.startsWith('/') }),
        isForDirectories: glob.endsWith('/'),
      }
    })
  }

  /** Takes in the ignore file of `directory`, which is `below` the root. */
  readFrom(directory: string, below: readonly string[]): void {
    const path = join(directory, IGNORE_FILE)
    try {
      this.#ignoreFiles.set(below.join('/'), ignore().add(readFileSync(path, 'utf8')))
    } catch (error) {
      throw diskError(error, 'read', path)
    }
  }

  /** True if `path`, below the root, is left out. */
  excludes(path: readonly string[], isDirectory: boolean): boolean {
    const joined = path.join('/')
    if (this.#globs.some((glob) => (isDirectory || !glob.isForDirectories) && glob.matches(joined))) return true
    if (this.#ignoreFiles.size === 0) return false
    for (let depth = path.length - 1; depth >= 0; depth--) {
      const rules = this.#ignoreFiles.get(path.slice(0, depth).join('/'))
      if (rules === undefined) continue
      const verdict = rules.test(`${path.slice(depth).join('/')}${isDirectory ? '/' : ''}`)
      if (verdict.ignored) return true
      if (verdict.unignored) return false
    }
    return false
  }
}
