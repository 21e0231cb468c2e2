import type { Style } from './style.ts'

/** How the texts of a column stand below its title. */
export interface Column {
  readonly title: string
  readonly isRight?: boolean
}

/** Rows below their titles, as wide as they need to be, without a newline at the end. */
export function plainTable(columns: readonly Column[], rows: readonly (readonly string[])[], style: Style): string {
  const widths = columns.map(({ title }, index) => rows.reduce((width, row) => Math.max(width, row[index]?.length ?? 0), title.length))
  const line = (texts: readonly string[]): string =>
    columns
      .map(({ isRight = false }, index) => pad(texts[index] ?? '', widths[index] ?? 0, isRight))
      .join('  ')
      .trimEnd()
  return [style.bold(line(columns.map(({ title }) => title))), ...rows.map(line)].join('\n')
}

function pad(text: string, width: number, isRight: boolean): string {
  return isRight ? text.padStart(width) : text.padEnd(width)
}
