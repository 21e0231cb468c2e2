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
]

const GAP = 2

/**
 * The web seeds of a run as a table for people, without a newline at its end. It is no wider than `width` characters: a URL for which there
 * is no room has a line of its own above its figures, and the last failure has one below.
 */
export function webSeedsTable(webSeeds: readonly WebSeedStatus[], style: Style, width: number): string {
  const rows = webSeeds.map(rowOf)
  const figures = columns.slice(1).map(({ title }, index) => Math.max(title.length, ...rows.map((row) => row[index + 1]?.length ?? 0)))
  const room = width - figures.reduce((sum, each) => sum + each + GAP, 0)
  const fits = (label = ''): boolean => label.length <= room
  const [title = '', ...lines] = plainTable(
    columns,
    rows.map(([label, ...rest]) => [fits(label) ? (label ?? '') : '', ...rest]),
    style,
  ).split('\n')
  const told = webSeeds.flatMap(({ lastFailure }, index) => {
    const label = rows[index]?.[0] ?? ''
    const failure = lastFailure === null ? [] : [`  ${escapeText(lastFailure)}`]
    return [...(fits(label) ? [] : [label]), lines[index] ?? '', ...failure]
  })
  return [title, ...told].join('\n')
}

function rowOf(webSeed: WebSeedStatus): readonly string[] {
  const { label, namedBy, state, retryInMs, downloadedBytes, bytesPerSecond, strikes } = webSeed
  return [
    escapeText(label),
    namedBy,
    retryInMs === null ? state : `${state} ${formatSeconds(retryInMs / 1_000)}`,
    formatBytes(downloadedBytes),
    formatRate(bytesPerSecond),
    String(strikes),
  ]
}
