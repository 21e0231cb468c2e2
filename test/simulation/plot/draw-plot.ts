import { formatCount, formatSize } from '../../../src/base/format.ts'
import { BLOCK_BYTES } from '../../../src/base/units.ts'
import type { CompletionTimes } from '../completion-times.ts'
import { curvePath } from './curve-path.ts'
import { type Frame, frameFor } from './frame.ts'
import { STYLE } from './style.ts'

const WIDTH = 800
/** Of the plot itself. */
const LEFT = 88
const RIGHT = 776
const TOP = 92
const BOTTOM = 384
const LEGEND_TOP = BOTTOM + 82
const LEGEND_LINE = 22

/** Draws which share of the hosts had everything when, a curve a run, as an SVG that follows the reader's light or dark theme. */
export function drawPlot(runs: readonly CompletionTimes[]): string {
  const frame = frameFor(runs, { left: LEFT, right: RIGHT, top: TOP, bottom: BOTTOM })
  const ordered = [...runs].sort((first, second) => first.hosts - second.hosts)
  const height = LEGEND_TOP + LEGEND_LINE * (ordered.length - 1) + 20
  const title = 'How close to the bound the hosts of a swarm finish'
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="title description">`,
    `<title id="title">${title}</title>`,
    `<desc id="description">${ordered.map((run) => sentenceOf(run, ordered)).join(' ')}</desc>`,
    STYLE,
    `<rect class="surface" width="${WIDTH}" height="${height}" rx="8"/>`,
    text(LEFT, 34, title, 'class="title"'),
    text(LEFT, 56, subtitleOf(ordered), 'class="note"'),
    ...sharesAxis(frame),
    ...timeAxis(frame),
    ...boundLine(frame),
    ...ordered.flatMap((run, index) => [
      `<path class="curve run${colorOf(index, ordered.length)}" d="${curvePath(run, frame)}"/>`,
      `<circle class="end run${colorOf(index, ordered.length)}" cx="${round(frame.x(run.overBound.at(-1) ?? 1))}" cy="${round(
        frame.y(shareOf(run)),
      )}" r="4"/>`,
    ]),
    ...legend(ordered),
    '</svg>',
  ].join('\n')}\n`
}

function sharesAxis(frame: Frame): string[] {
  const middle = (TOP + BOTTOM) / 2
  const name = text(22, middle, 'hosts that have everything', `class="note" text-anchor="middle" transform="rotate(-90 22 ${middle})"`)
  const shares = [0, 0.25, 0.5, 0.75, 1].flatMap((share) => {
    const y = round(frame.y(share))
    return [
      `<path class="${share === 0 ? 'axis' : 'grid'}" d="M${LEFT} ${y}H${RIGHT}"/>`,
      text(LEFT - 10, y + 4, `${share * 100} %`, 'class="tick" text-anchor="end"'),
    ]
  })
  return [...shares, name]
}

function timeAxis(frame: Frame): string[] {
  const ticks = frame.ticks.map((tick) =>
    text(round(frame.x(tick)), BOTTOM + 20, tick.toFixed(frame.decimals), 'class="tick" text-anchor="middle"'),
  )
  return [...ticks, text((LEFT + RIGHT) / 2, BOTTOM + 46, 'time, in multiples of the bound', 'class="note" text-anchor="middle"')]
}

function boundLine(frame: Frame): string[] {
  const x = round(frame.x(1))
  return [
    `<path class="bound" d="M${x} ${TOP - 20}V${BOTTOM}"/>`,
    text(x + 6, TOP - 11, 'bound: no protocol can be done sooner', 'class="note"'),
  ]
}

/** Below the plot, where no curve comes, one run a line. */
function legend(runs: readonly CompletionTimes[]): string[] {
  return runs.flatMap((run, index) => {
    const y = LEGEND_TOP + index * LEGEND_LINE
    return [
      `<path class="curve run${colorOf(index, runs.length)}" d="M${LEFT} ${y - 4}h24"/>`,
      text(LEFT + 34, y, legendOf(run, runs), 'class="label"'),
    ]
  })
}

function legendOf(run: CompletionTimes, runs: readonly CompletionTimes[]): string {
  const parts = [nameOf(run, runs)]
  if (runs.some(({ sizeBytes }) => sizeBytes !== run.sizeBytes)) parts.push(formatSize(run.sizeBytes))
  if (run.blockBytes !== BLOCK_BYTES) parts.push(`blocks of ${formatSize(run.blockBytes)}`)
  parts.push(lastOf(run))
  return parts.join(', ')
}

/** `100 hosts`, and the scenario where the runs differ in it. */
function nameOf(run: CompletionTimes, runs: readonly CompletionTimes[]): string {
  const count = formatCount(run.hosts, 'host')
  return runs.some(({ scenario }) => scenario !== run.scenario) ? `${run.scenario}, ${count}` : count
}

function lastOf({ overBound, unfinished }: CompletionTimes): string {
  return unfinished > 0 ? `${formatCount(unfinished, 'host')} never` : `the last at ${(overBound.at(-1) ?? Number.NaN).toFixed(2)}`
}

/** What the runs have in common. */
function subtitleOf(runs: readonly CompletionTimes[]): string {
  const [first] = runs
  if (first === undefined) return ''
  const size = runs.every(({ sizeBytes }) => sizeBytes === first.sizeBytes) ? `${formatSize(first.sizeBytes)}, ` : ''
  const links = [...new Set(runs.map(({ linkBytesPerSecond }) => `${(linkBytesPerSecond * 8) / 1e6} Mbit/s`))].join(' and ')
  const names = [...new Set(runs.map(({ scenario }) => scenario))].join(', ')
  const seeds = [...new Set(runs.map(({ seed }) => seed))]
  return `${size}links of ${links}, scenario ${names}, ${seeds.length === 1 ? 'seed' : 'seeds'} ${seeds.join(', ')}`
}

function sentenceOf(run: CompletionTimes, runs: readonly CompletionTimes[]): string {
  const median = run.overBound[run.overBound.length >> 1] ?? Number.NaN
  return `${nameOf(run, runs)}: half of them at ${median.toFixed(2)} times the bound, ${lastOf(run)}.`
}

function shareOf({ overBound, unfinished }: CompletionTimes): number {
  return overBound.length / (overBound.length + unfinished)
}

/** Four shades from the smallest swarm to the largest. */
function colorOf(index: number, count: number): number {
  return count <= 1 ? 3 : Math.round((3 * index) / (count - 1))
}

function text(x: number, y: number, content: string, attributes: string): string {
  return `<text x="${round(x)}" y="${round(y)}" ${attributes}>${content}</text>`
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
