/** A whole number from `least` to `most` written in decimal digits; undefined when it is not one. */
export function parseWholeNumber(text: string, least: number, most: number): number | undefined {
  if (!/^\d{1,15}$/.test(text.trim())) return undefined
  const number = Number(text.trim())
  return number >= least && number <= most ? number : undefined
}
