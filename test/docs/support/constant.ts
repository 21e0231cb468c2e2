import { readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { runInNewContext } from 'node:vm'

/** What a constant of the source may be worth. */
export type Constant = number | readonly number[]

/**
 * The value that the source text of `path` gives to `name`: a constant, a field (`name: 5,`), or a default (`name ?? 5`).
 * Most bounds are private to their file, so the text is read instead of importing it. Undefined when there is none.
 */
export function constantIn(path: string, name: string): Constant | undefined {
  const text = sourceOf(path)
  const expression =
    new RegExp(`^(?:export )?const ${name}(?::[^=\\n]+)? = ([^\\n]+)$`, 'm').exec(text)?.[1] ??
    new RegExp(`^\\s+${name}: ([\\d_]+),`, 'm').exec(text)?.[1] ??
    new RegExp(`\\b${name} \\?\\? ([\\d_]+)`).exec(text)?.[1] ??
    new RegExp(`\\b${name} = ([\\d_]+)[,)]`).exec(text)?.[1]
  return expression === undefined ? undefined : valueIn(expression, path, text)
}

/** The names of the constants in `path` that have a value. */
export function constantNames(path: string): readonly string[] {
  const names = [...sourceOf(path).matchAll(/^(?:export )?const (\w+)(?::[^=\n]+)? = /gm)].map(([, name]) => name ?? '')
  return names.filter((name) => constantIn(path, name) !== undefined)
}

function valueIn(expression: string, path: string, text: string): Constant | undefined {
  const plain = expression.replace(/\s+\/\/.*$/, '').replace(/ as const$/, '')
  if (!/^[\w\s.,()[\]*+-]*[\w\])]$/.test(plain)) return undefined
  const known: Record<string, Constant> = {}
  for (const [name] of plain.matchAll(/\b[A-Za-z]\w*\b/g)) {
    const value = constantIn(homeOf(name, path, text), name)
    if (value === undefined) return undefined
    known[name] = value
  }
  const value: unknown = runInNewContext(plain, known)
  if (typeof value === 'number') return value
  const items = Array.isArray(value) ? Array.from(value as readonly unknown[]) : []
  return items.length > 0 && items.every((item) => typeof item === 'number') ? items : undefined
}

/** The file that gives `name` its value: this one, or the one that it is imported from. */
function homeOf(name: string, path: string, text: string): string {
  const from = new RegExp(`^import \\{[^}]*\\b${name}\\b[^}]*\\} from '(\\.[^']+)'$`, 'm').exec(text)?.[1]
  return from === undefined ? path : posix.join(posix.dirname(path), from)
}

function sourceOf(path: string): string {
  return readFileSync(path, 'utf8')
}
