/** Reads a date of HTTP in each of its three forms (RFC 9110 section 5.6.7): whole seconds, in milliseconds since 1970; undefined for anything else. */
export function parseHttpDate(text: string): number | undefined {
  const [, day, month, year, time] = FIXED.exec(text) ?? OLD.exec(text) ?? fromAsctime(text) ?? []
  if (day === undefined || month === undefined || year === undefined) return undefined
  const ms = Date.parse(`${day.trim()} ${month} ${year.length === 2 ? fullYear(Number(year)) : year} ${time} GMT`)
  return Number.isNaN(ms) ? undefined : ms
}

/** Writes a date of HTTP; undefined for a time that it cannot say, or that lies after `nowMs`, which no server may claim. */
export function formatHttpDate(ms: number, nowMs: number): string | undefined {
  return ms >= 0 && ms <= Math.min(nowMs, LATEST_MS) ? new Date(ms).toUTCString() : undefined
}

/** The last second of the year 9999. */
const LATEST_MS = 253_402_300_799_000
const MONTH = '(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)'
const TIME = '(\\d\\d:\\d\\d:\\d\\d)'
const FIXED = new RegExp(`^[A-Z][a-z]{2}, (\\d\\d) ${MONTH} (\\d{4}) ${TIME} GMT$`)
const OLD = new RegExp(`^[A-Z][a-z]{5,8}, (\\d\\d)-${MONTH}-(\\d\\d) ${TIME} GMT$`)
const ASCTIME = new RegExp(`^[A-Z][a-z]{2} ${MONTH} ([\\d ]\\d) ${TIME} (\\d{4})$`)

function fromAsctime(text: string): string[] | undefined {
  const [whole = '', month = '', day = '', time = '', year = ''] = ASCTIME.exec(text) ?? []
  return whole === '' ? undefined : [whole, day, month, year, time]
}

/** Of two digits, the year that is less than fifty years ahead. */
function fullYear(short: number): number {
  const now = new Date().getUTCFullYear()
  const inThisCentury = now - (now % 100) + short
  return inThisCentury > now + 50 ? inThisCentury - 100 : inThisCentury
}
