/**
 * What a terminal shows after `text` was written to it: its lines, without colours. Knows the few commands that the bar uses:
 * carriage return, line feed, cursor to a column, and erasing the line or the rest of it.
 */
export function screenOf(text: string): readonly string[] {
  const lines = ['']
  let column = 0
  for (const [token] of text.matchAll(/\u001b\[[?\d;]*[A-Za-z]|[^]/gu)) {
    const line = lines[lines.length - 1] ?? ''
    const replace = (changed: string): void => {
      lines[lines.length - 1] = changed
    }
    const [command] = /^\u001b\[([?\d;]*[A-Za-z])$/.exec(token)?.slice(1) ?? []
    if (token === '\n') {
      lines.push('')
      column = 0
    } else if (token === '\r' || command === '1G') column = 0
    else if (command === '2K') replace('')
    else if (command === 'K' || command === '0K') replace(line.slice(0, column))
    else if (command === undefined) {
      replace(line.slice(0, column).padEnd(column) + token + line.slice(column + token.length))
      column += token.length
    } else if (!/^\d*m$/.test(command)) throw new TypeError(`the bar sent a command that this screen does not know: ${command}`)
  }
  return lines
}
