/**
 * A stranger's name between quotes, fit for a message: at most 80 characters, and whatever is not plainly visible (control
 * characters, line breaks, direction marks, lone surrogates) spelt out as `\u{...}`.
 */
export function quoteName(name: string): string {
  const characters = [...name.slice(0, 2 * LONGEST)]
  const shown = characters.slice(0, LONGEST).map((character) => (HIDDEN.test(character) ? spellOut(character) : character))
  return `"${shown.join('')}${name.length > 2 * LONGEST || characters.length > LONGEST ? '...' : ''}"`
}

const LONGEST = 80
const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}"\\]/u

function spellOut(character: string): string {
  if (character === '"' || character === '\\') return `\\${character}`
  return `\\u{${(character.codePointAt(0) as number).toString(16)}}`
}
