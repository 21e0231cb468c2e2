const factors: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, g: 1e9 }

/** Bytes a second from a link's bits a second, in powers of 1000 as links are sold: `100M`, `1G`, `20Mbit/s`. Undefined when it is none. */
export function parseLink(text: string): number | undefined {
  const match = /^(\d{1,9}(?:\.\d{1,3})?)\s?([kmg]?)(?:bit(?:\/s)?)?$/i.exec(text.trim())
  if (match === null) return undefined
  const bytesPerSecond = (Number(match[1]) * (factors[(match[2] ?? '').toLowerCase()] ?? 1)) / 8
  return bytesPerSecond >= 1_000 ? bytesPerSecond : undefined
}
