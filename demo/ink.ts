/** Colours of the terminal, or none where they are not wanted. */
export interface Ink {
  readonly bold: (text: string) => string
  readonly dim: (text: string) => string
  readonly green: (text: string) => string
  readonly cyan: (text: string) => string
}

/** Colours for a terminal that shows them; plain text otherwise (NO_COLOR, TERM=dumb). */
export function inkFor(stream: { readonly isTTY: boolean }): Ink {
  const isColoured = stream.isTTY && !process.env.NO_COLOR && process.env.TERM !== 'dumb'
  const paint = (code: number) => (text: string) => (isColoured ? `\u001b[${code}m${text}\u001b[0m` : text)
  return { bold: paint(1), dim: paint(2), green: paint(32), cyan: paint(36) }
}
