const factorsMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** The longest delay that a timer of Node takes without firing at once: a little under 25 days. */
const LONGEST_MS = 2 ** 31 - 1

/** Milliseconds from `90s`, `30m`, `2h`, `1h30m`; undefined when it is not a duration from 1 ms to 24 days. A bare number has no unit and is refused. */
export function parseDuration(text: string): number | undefined {
  const trimmed = text.trim().toLowerCase()
  if (!/^(\d{1,10}(\.\d{1,3})?(ms|s|m|h|d))+$/.test(trimmed)) return undefined
  let totalMs = 0
  for (const [, amount, unit] of trimmed.matchAll(/([\d.]+)(ms|s|m|h|d)/g)) totalMs += Number(amount) * (factorsMs[unit ?? ''] ?? 0)
  totalMs = Math.round(totalMs)
  return totalMs >= 1 && totalMs <= LONGEST_MS ? totalMs : undefined
}
