import type { World } from '../world.ts'

/** Puts colour around a piece of text, or nothing when colours are off. */
export interface Style {
  readonly bold: (text: string) => string
  readonly dim: (text: string) => string
  readonly red: (text: string) => string
  readonly yellow: (text: string) => string
  readonly green: (text: string) => string
  readonly cyan: (text: string) => string
}

/** The colours of `output`: none unless it is a terminal that has them and neither --no-color nor NO_COLOR is set. */
export function styleOf(output: World['stderr'], env: World['env'], wantsColor: boolean): Style {
  const isOn = wantsColor && output.isTerminal && (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb'
  const paint = (code: number, end: number) => (text: string) => (isOn ? `\u001b[${code}m${text}\u001b[${end}m` : text)
  return { bold: paint(1, 22), dim: paint(2, 22), red: paint(31, 39), yellow: paint(33, 39), green: paint(32, 39), cyan: paint(36, 39) }
}

/** No colours, wherever it goes. */
export const plainStyle: Style = { bold: same, dim: same, red: same, yellow: same, green: same, cyan: same }

function same(text: string): string {
  return text
}

/** True if the terminal's locale says that it shows more than ASCII. */
export function showsUnicode(env: World['env']): boolean {
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || ''
  return /utf-?8/i.test(locale) && env.TERM !== 'linux'
}
