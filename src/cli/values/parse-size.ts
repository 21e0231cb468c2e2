const factors: Readonly<Record<string, number>> = { '': 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 }

/** Bytes from `256K`, `1.5M`, `1GiB` or a bare number of bytes; units are powers of 1024. Undefined when it is not a size. */
export function parseSize(text: string): number | undefined {
  const match = /^(\d{1,16}(?:\.\d{1,6})?)([kmgt]?)(?:i?b)?$/i.exec(text.trim())
  if (match === null) return undefined
  const bytes = Number(match[1]) * (factors[(match[2] ?? '').toLowerCase()] ?? 1)
  return Number.isSafeInteger(bytes) ? bytes : undefined
}
