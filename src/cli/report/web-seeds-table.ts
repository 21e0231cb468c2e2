import type { WebSeedStatus } from '../../app/control/run-port.ts'
import { formatBytes, formatRate, formatSeconds } from '../../base/format.ts'
import { escapeText } from '../escape-text.ts'
import { plainTable } from './plain-table.ts'
import type { Style } from './style.ts'

const columns = [
  { title: 'WEB SEED' },
  { title: 'NAMED BY' },
  { title: 'STATE' },
  { title: 'RECEIVED', isRight: true },
  { title: 'RATE', isRight: true },
  { title: 'STRIKES', isRight: true },
  { title: 'LAST FAILURE' },
]

/** The web seeds of a run as a table for people, without a newline at its end. */
export function webSeedsTable(webSeeds: readonly WebSeedStatus[], style: Style): string {
  return plainTable(columns, webSeeds.map(rowOf), style)
}

function rowOf(webSeed: WebSeedStatus): readonly string[] {
  const { label, namedBy, state, retryInMs, downloadedBytes, bytesPerSecond, strikes, lastFailure } = webSeed
  return [
    escapeText(label),
    namedBy,
    retryInMs === null ? state : `${state} ${formatSeconds(retryInMs / 1_000)}`,
    formatBytes(downloadedBytes),
    formatRate(bytesPerSecond),
    String(strikes),
    lastFailure === null ? '-' : escapeText(lastFailure),
  ]
}
