/**
 * Names in torrents and names of peers are strangers' text. On a terminal they could move the cursor, recolour the screen,
 * or, with bidirectional marks, show `exe.txt` for `txt.exe`; in a log they could forge a line. So whatever may come from
 * outside passes through here on its way out.
 */

// Controls (C0, C1), format characters (bidirectional and zero-width marks, tags), line and paragraph separators, halves of surrogate pairs.
const unsafe = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu

/** `text` with everything that a terminal could take for a command written as `\x1b` or `\u202e`. */
export function escapeText(text: string): string {
  return text.replace(unsafe, (character) => {
    const code = character.codePointAt(0) ?? 0
    if (code < 0x100) return `\\x${code.toString(16).padStart(2, '0')}`
    return code < 0x10000 ? `\\u${code.toString(16).padStart(4, '0')}` : `\\u{${code.toString(16)}}`
  })
}

/** The same for a name of content, in which a backslash is written as two: one that holds `\x0a` letter by letter is not taken for one with a line break. */
export function escapeName(name: string): string {
  return escapeText(name.replaceAll('\\', '\\\\'))
}

/** `value` as one line of JSON in which the same characters are written as JSON escapes, so that the value is unchanged. */
export function escapedJson(value: unknown): string {
  return JSON.stringify(value).replace(unsafe, (character) =>
    [...Array(character.length).keys()].map((index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`).join(''),
  )
}
