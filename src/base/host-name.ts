/** Characters of a host's name; in UTF-8 each has four bytes at most. */
export const MAX_HOST_NAME_CHARACTERS = 64

/**
 * True for a name that a host may tell of itself: 1 to 64 characters that can be seen, none of which moves a cursor, turns the direction
 * of writing or is unassigned, and no blank at either end, so that a list of names can be compared line by line.
 */
export function isHostName(text: string): boolean {
  const characters = [...text]
  if (characters.length < 1 || characters.length > MAX_HOST_NAME_CHARACTERS) return false
  return text === text.trim() && !/[\p{C}\p{Zl}\p{Zp}]/u.test(text)
}
