/** The first `most` of `phrases` for a sentence: `a, b and 3 more`; empty for none. */
export function firstOf(phrases: readonly string[], most: number): string {
  const rest = phrases.length - most
  return `${phrases.slice(0, most).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`
}
