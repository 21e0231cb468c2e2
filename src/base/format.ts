const sizeUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']

/** `bytes` for people, for figures that move or stand in columns: `812 B`, `1.5 KiB`, `256.0 MiB`. */
export function formatBytes(bytes: number): string {
  const { unit, factor } = unitFor(bytes)
  return `${inUnit(bytes, factor)} ${unit}`
}

/** The same without a needless `.0`, for sizes that stand in a sentence: `256 KiB`. */
export function formatSize(bytes: number): string {
  return formatBytes(bytes).replace('.0 ', ' ')
}

/** `done` of `total` in the unit of the total: `161.2/256.0 MiB`. */
export function formatShare(done: number, total: number): string {
  const { unit, factor } = unitFor(total)
  return `${inUnit(done, factor)}/${inUnit(total, factor)} ${unit}`
}

/** `92.1 MiB/s`. */
export function formatRate(bytesPerSecond: number): string {
  return `${formatBytes(Math.max(0, bytesPerSecond))}/s`
}

/** `0.4 s`, `48 s`, `3m20s`, `2h05m`, `3d4h`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1).replace(/\.0$/, '')} s`
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  if (whole < 3_600) return `${Math.floor(whole / 60)}m${pad(whole % 60)}s`
  if (whole < 86_400) return `${Math.floor(whole / 3_600)}h${pad(Math.floor(whole / 60) % 60)}m`
  return `${Math.floor(whole / 86_400)}d${Math.floor(whole / 3_600) % 24}h`
}

/** `1 peer`, `5 peers`, `12,345 files`; `plural` where it is not the noun with an s. */
export function formatCount(count: number, noun: string, plural = `${noun}s`): string {
  return `${formatNumber(count)} ${count === 1 ? noun : plural}`
}

/** `12,345`: a whole number from 0 on. By hand, because the first `toLocaleString` of a process loads its tables for 10 ms. */
export function formatNumber(count: number): string {
  return String(count).replace(/\B(?=(?:\d{3})+$)/g, ',')
}

/** Whole per cent, rounded down, so that 100 means all. */
export function percentOf(done: number, total: number): number {
  return total <= 0 ? 0 : Math.min(100, Math.floor((done / total) * 100))
}

function unitFor(bytes: number): { unit: string; factor: number } {
  let index = 0
  while (index < sizeUnits.length - 1 && bytes / 1024 ** index >= 1_000) index++
  return { unit: sizeUnits[index] ?? 'B', factor: 1024 ** index }
}

function inUnit(bytes: number, factor: number): string {
  return factor === 1 ? String(Math.round(bytes)) : (bytes / factor).toFixed(1)
}

function pad(number: number): string {
  return String(number).padStart(2, '0')
}
