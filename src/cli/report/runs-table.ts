import type { RunSummary } from '../../app/control/control-answer.ts'
import { formatRate, formatSeconds, percentOf } from '../../base/format.ts'
import { escapeName } from '../escape-text.ts'
import { plainTable } from './plain-table.ts'
import type { Style } from './style.ts'

const WIDEST_NAME = 40
const NARROWEST_NAME = 8
/** Of the info-hash of what has no name yet. */
const HASH_DIGITS = 12
const GAP = 2

const columns = [
  { title: 'ID' },
  { title: 'VERB' },
  { title: 'NAME' },
  { title: 'STATE' },
  { title: 'DOWN', isRight: true },
  { title: 'UP', isRight: true },
  { title: 'PEERS', isRight: true },
  { title: 'WEB', isRight: true },
  { title: 'SINCE', isRight: true },
]

const states: Readonly<Record<RunSummary['state'], string>> = {
  hash: 'hashing',
  check: 'checking',
  metadata: 'asking',
  fetch: 'fetching',
  place: 'placing',
  seed: 'seeding',
  wait: 'waiting',
}

/** What runs at `now`, as a table for people, without a newline at its end. Names are shortened so that it is no wider than `width` characters. */
export function runsTable(runs: readonly RunSummary[], now: Date, style: Style, width: number): string {
  const rows = runs.map((run) => rowOf(run, now))
  const widths = columns.map(({ title }, index) =>
    title === 'NAME' ? 0 : Math.max(title.length, ...rows.map((row) => row[index]?.length ?? 0)),
  )
  const others = widths.reduce((sum, each) => sum + each + GAP, -GAP)
  const room = Math.min(WIDEST_NAME, Math.max(NARROWEST_NAME, width - others))
  return plainTable(
    columns,
    rows.map((row) => row.map((text, index) => (columns[index]?.title === 'NAME' ? shortened(text, room) : text))),
    style,
  )
}

function rowOf(run: RunSummary, now: Date): readonly string[] {
  const seconds = Math.max(0, (now.getTime() - Date.parse(run.startedAt)) / 1_000)
  return [
    run.id,
    run.verb,
    escapeName(run.name ?? run.infoHash?.slice(0, HASH_DIGITS) ?? '-'),
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

function shortened(name: string, room: number): string {
  return name.length > room ? `${name.slice(0, room - 3)}...` : name
}
