const ESCAPE = String.fromCharCode(27)
const tokens = new RegExp(`${ESCAPE}\\[[?\\d;]*[A-Za-z]|.|\\n`, 'gsu')
const command = new RegExp(`^${ESCAPE}\\[([?\\d;]*[A-Za-z])$`)

/**
 * What a terminal shows after `text` was written to it: its lines, without colours. Knows the few commands that the bar uses:
 * carriage return, line feed, cursor to a column, and erasing the line or the rest of it.
 */
export function screenOf(text: string): readonly string[] {
  const lines = ['']
  let column = 0
  for (const [token] of text.matchAll(tokens)) {
    const line = lines[lines.length - 1] ?? ''
    const replace = (changed: string): void => {
      lines[lines.length - 1] = changed
    }
    const [name] = command.exec(token)?.slice(1) ?? []
    if (token === '\n') {
      lines.push('')
      column = 0
    } else if (token === '\r' || name === '1G') column = 0
    else if (name === '2K') replace('')
    else if (name === 'K' || name === '0K') replace(line.slice(0, column))
    else if (name === undefined) {
      replace(line.slice(0, column).padEnd(column) + token + line.slice(column + token.length))
      column += token.length
    } else if (!/^\d*m$/.test(name)) throw new TypeError(`the bar sent a command that this screen does not know: ${name}`)
  }
  return lines
}
