import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ignore, { type Ignore } from 'ignore'
import { diskError } from './disk-error.ts'

/** The file in any directory of a tree that says, in the syntax of .gitignore, what below it is not published. */
export const IGNORE_FILE = '.distroignore'

/**
 * What is left out of a published tree, in the syntax of .gitignore throughout: a rule in a deeper ignore file overrules those above
 * it, and the lines of `--exclude` overrule them all, so that a negation among them brings something back. What is in a directory that is
 * left out is never looked at. Case counts on every system: the same tree must be the same torrent everywhere.
 */
export class ExclusionRules {
  readonly #lines: Ignore
  readonly #ignoreFiles = new Map<string, Ignore>()
  /** Of each line that has matched nothing yet what it matches, a negation or not. */
  readonly #idle: Map<string, Ignore>

  /** Each of `lines` is one of an ignore file at the root; none is a comment, and `./` at the start of one is read as `/`. */
  constructor(lines: readonly string[]) {
    this.#lines = rulesOf(lines)
    this.#idle = new Map(lines.map((line) => [line, rulesOf([line.replace(/^!/, '')])]))
  }

  /** The lines that matched nothing of what was asked about. */
  get idle(): readonly string[] {
    return [...this.#idle.keys()]
  }

  /** Takes in the ignore file of `directory`, which is `below` the root. */
  readFrom(directory: string, below: readonly string[]): void {
    const path = join(directory, IGNORE_FILE)
    try {
      this.#ignoreFiles.set(below.join('/'), ignore({ ignorecase: false }).add(readFileSync(path, 'utf8')))
    } catch (error) {
      throw diskError(error, 'read', path)
    }
  }

  /** True if `path`, below the root, is left out. Asked once for each path, a directory before what is in it. */
  excludes(path: readonly string[], isDirectory: boolean): boolean {
    const layers = this.#layersOver(path)
    for (const [index, { rules, path }] of layers.entries()) {
      const name = isDirectory ? `${path}/` : path
      const verdict = rules.test(name)
      if (index === 0 && (verdict.ignored || verdict.unignored)) this.#noteMatch(name)
      if (verdict.ignored) return true
      if (!verdict.unignored) continue
      if (isDirectory) for (const overruled of layers.slice(index + 1)) bringBack(overruled)
      return false
    }
    return false
  }

  /** What matches none of the lines together matches none alone, so that little is asked of each. */
  #noteMatch(name: string): void {
    for (const [line, rules] of this.#idle) if (rules.ignores(name)) this.#idle.delete(line)
  }

  /** The rules that may speak of `path`, the strongest first, each with the path as they see it. */
  #layersOver(path: readonly string[]): Layer[] {
    const layers: Layer[] = [{ rules: this.#lines, path: path.join('/') }]
    if (this.#ignoreFiles.size === 0) return layers
    for (let depth = path.length - 1; depth >= 0; depth--) {
      const rules = this.#ignoreFiles.get(path.slice(0, depth).join('/'))
      if (rules !== undefined) layers.push({ rules, path: path.slice(depth).join('/') })
    }
    return layers
  }
}

function rulesOf(lines: readonly string[]): Ignore {
  return ignore({ ignorecase: false }).add(lines.map((line) => line.replace(/^(!?)\.\//, '$1/').replace(/^#/, '\\#')))
}

interface Layer {
  readonly rules: Ignore
  readonly path: string
}

/** Rules that leave a directory out would leave out all that is in it, even where stronger ones brought the directory back. */
function bringBack({ rules, path }: Layer): void {
  if (rules.test(`${path}/`).ignored) rules.add([`!/${path.replace(/[\\*?[]/g, '\\$&')}/`])
}
