import { type Decoded, decoded, undecodable } from '../../base/decoded.ts'
import { DistroError, errorCodes } from '../../base/errors.ts'
import { decodeLine, encodeLine } from './control-line.ts'
import type { RunDescription, WebSeedStatus } from './run-port.ts'
import { decodeShape, isAmount, isCount, listOf, orNull, textUpTo, wordOf } from './shape.ts'

/** One run as `distro ps` shows it. */
export interface RunSummary extends RunDescription {
  /** Four letters and digits, by which it is named. */
  readonly id: string
  readonly pid: number
  /** Those that it may still ask. */
  readonly webSeeds: number
}

/** What a change took away and what it added, as labels; null for nothing. */
export interface WebSeedChange {
  readonly removed: string | null
  readonly added: string | null
}

/** What a run answers. To each request any number of `run` and `web-seed`, then one `done` or `error`. */
export type ControlAnswer =
  | { readonly kind: 'run'; readonly run: RunSummary }
  | { readonly kind: 'web-seed'; readonly webSeed: WebSeedStatus }
  | { readonly kind: 'done'; readonly change: WebSeedChange }
  | { readonly kind: 'error'; readonly error: DistroError }

/** UTF-16 units of any text in an answer; longer ones are cut, so that each answer fits into a line. */
export const MAX_TEXT_LENGTH = 4_096
/** Addresses in a description. */
export const MAX_ADDRESSES = 100

const isText = textUpTo(MAX_TEXT_LENGTH)
const runShape = {
  id: isText,
  pid: isCount,
  verb: wordOf(['seed', 'push', 'fetch']),
  infoHash: orNull(isText),
  name: orNull(isText),
  path: isText,
  state: wordOf(['hash', 'check', 'metadata', 'fetch', 'place', 'seed']),
  bytesDone: isCount,
  bytesTotal: isCount,
  downBytesPerSecond: isAmount,
  upBytesPerSecond: isAmount,
  peers: isCount,
  seeds: isCount,
  webSeeds: isCount,
  startedAt: isInstant,
  listen: listOf(isText, MAX_ADDRESSES),
}
const webSeedShape = {
  label: isText,
  state: wordOf(['active', 'idle', 'waiting', 'out', 'leaving']),
  downloadedBytes: isCount,
  bytesPerSecond: isAmount,
  strikes: isCount,
  lastFailure: orNull(isText),
  retryInMs: orNull(isAmount),
  namedBy: wordOf(['operator', 'torrent', 'magnet']),
}
const changeShape = { removed: orNull(isText), added: orNull(isText) }
const errorShape = { code: wordOf(errorCodes), message: isText, hint: orNull(isText) }

/** An answer as one line. */
export function encodeAnswer(answer: ControlAnswer): string {
  switch (answer.kind) {
    case 'run':
      return encodeLine({ kind: 'run', run: { ...cutTexts(answer.run), listen: answer.run.listen.slice(0, MAX_ADDRESSES) } })
    case 'web-seed':
      return encodeLine({ kind: 'web-seed', webSeed: cutTexts(answer.webSeed) })
    case 'done':
      return encodeLine({ kind: 'done', change: cutTexts(answer.change) })
    case 'error': {
      const { code, message, hint = null } = answer.error
      return encodeLine({ kind: 'error', error: cutTexts({ code, message, hint }) })
    }
  }
}

/** The answer in one line, which may be of anybody. */
export function decodeAnswer(line: Uint8Array): Decoded<ControlAnswer> {
  const fields = decodeLine(line)
  if (!fields.ok) return fields
  const { kind } = fields.value
  switch (kind) {
    case 'run': {
      const run = decodeShape(runShape, fields.value.run)
      return run.ok ? decoded({ kind, run: run.value }) : run
    }
    case 'web-seed': {
      const webSeed = decodeShape(webSeedShape, fields.value.webSeed)
      return webSeed.ok ? decoded({ kind, webSeed: webSeed.value }) : webSeed
    }
    case 'done': {
      const change = decodeShape(changeShape, fields.value.change)
      return change.ok ? decoded({ kind, change: change.value }) : change
    }
    case 'error': {
      const error = decodeShape(errorShape, fields.value.error)
      if (!error.ok) return error
      const { code, message, hint } = error.value
      return decoded({ kind, error: new DistroError(code, message, hint === null ? {} : { hint }) })
    }
    default:
      return undecodable(`there is no answer ${JSON.stringify(kind ?? null).slice(0, 60)}`)
  }
}

function cutTexts(fields: object): object {
  const cut = (value: unknown): unknown => (typeof value === 'string' ? value.slice(0, MAX_TEXT_LENGTH) : value)
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, cut(value)]))
}

function isInstant(value: unknown): value is string {
  return typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(value)
}
