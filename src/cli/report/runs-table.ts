import type { RunSummary } from '../../app/control/control-answer.ts'
import { formatRate, formatSeconds, percentOf } from '../../base/format.ts'
import { escapeText } from '../escape-text.ts'
import { plainTable } from './plain-table.ts'
import type { Style } from './style.ts'

const NAME_WIDTH = 40

const columns = [
  { title: 'ID' },
  { title: 'VERB' },
  { title: 'NAME' },
  { title: 'STATE' },
  { title: 'DOWN', isRight: true },
  { title: 'UP', isRight: true },
  { title: 'PEERS', isRight: true },
  { title: 'WEB SEEDS', isRight: true },
  { title: 'SINCE', isRight: true },
]

const states: Readonly<Record<RunSummary['state'], string>> = {
  hash: 'hashing',
  check: 'checking',
  metadata: 'asking for metadata',
  fetch: 'fetching',
  seed: 'seeding',
  wait: 'waiting',
}

/** What runs at `now`, as a table for people, without a newline at its end. */
export function runsTable(runs: readonly RunSummary[], now: Date, style: Style): string {
  return plainTable(
    columns,
    runs.map((run) => rowOf(run, now)),
    style,
  )
}

function rowOf(run: RunSummary, now: Date): readonly string[] {
  const seconds = Math.max(0, (now.getTime() - Date.parse(run.startedAt)) / 1_000)
  return [
    run.id,
    run.verb,
    shortened(escapeText(run.name ?? run.infoHash ?? '-')),
    stateOf(run),
    formatRate(run.downBytesPerSecond),
    formatRate(run.upBytesPerSecond),
    String(run.peers),
    String(run.webSeeds),
    formatSeconds(seconds),
  ]
}

function stateOf({ state, bytesDone, bytesTotal }: RunSummary): string {
  return state === 'seed' || state === 'metadata' ? states[state] : `${states[state]} ${percentOf(bytesDone, bytesTotal)} %`
}

function shortened(name: string): string {
  return name.length > NAME_WIDTH ? `${name.slice(0, NAME_WIDTH - 3)}...` : name
}
