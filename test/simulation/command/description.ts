import { formatBytes, formatCount, formatNumber, formatSize } from '../../../src/base/format.ts'
import type { Report } from '../report.ts'

/** What a run came to, and what it took. */
export interface RunReport extends Report {
  readonly wallSeconds: number
  readonly peakRssBytes: number
}

/** The result for people: a line a figure. */
export function describeReport(report: RunReport, summary: string): string {
  const { completed, unfinished } = report
  const rows: [string, string][] = [
    ['scenario', `${report.scenario}: ${summary}`],
    ['swarm', `${formatCount(report.hosts, 'host')} and the origin, ${contentOf(report)}, seed ${report.seed}`],
    ['finished', unfinished === 0 ? 'all' : `${completed} of ${completed + unfinished}`],
    ['bound', seconds(report.boundSeconds)],
    ['last host', `${seconds(report.lastSeconds)}, ${(report.lastSeconds / report.boundSeconds).toFixed(3)} x the bound`],
    ...worstHost(report),
    ['median host', ownBound(report.medianOverBound)],
    ['first piece', `after ${seconds(report.slowestFirstPieceSeconds)} at the slowest host`],
    ['origin sent', `${report.originCopies.toFixed(3)} copies`],
    [
      'duplicates',
      `${formatBytes(report.duplicateBytes)}, ${percent(report.duplicateBytes / report.hosts / report.sizeBytes)} of what was needed`,
    ],
    ['overhead', `${percent(report.protocolOverhead)} above the blocks`],
    [
      'connections',
      `a fetching host has ${report.meanDegree.toFixed(1)} at a time; ${report.connectionsPerHost.toFixed(1)} were made for each host, and each joins two`,
    ],
    [
      'simulated',
      `${formatCount(report.events, 'event')} in ${seconds(report.wallSeconds)}, ${formatBytes(report.peakRssBytes)} of memory`,
    ],
  ]
  for (const [name, value] of Object.entries(report.figures)) rows.push(figureRow(name, value))
  const width = Math.max(...rows.map(([name]) => name.length))
  return rows.map(([name, value]) => `${name.padEnd(width)} ${value}\n`).join('')
}

/** Where hosts have bounds of their own, the worst against its own is another one than the last of all. */
function worstHost({ lastOverBound, lastSeconds, boundSeconds, worstSeconds, worstBoundSeconds }: RunReport): [string, string][] {
  if (Math.abs(lastOverBound - lastSeconds / boundSeconds) < 0.0005) return []
  return [
    ['worst host', `${seconds(worstSeconds)} where its own bound is ${seconds(worstBoundSeconds)}: ${lastOverBound.toFixed(3)} x that`],
  ]
}

/** `ordinaryLastOverBound` as `ordinary last`, times the bound; a count has no decimals. */
function figureRow(name: string, value: number): [string, string] {
  const [, start = name, against] = /^(.+?)Over(Global)?Bound$/.exec(name) ?? []
  const isOverBound = start !== name
  const words = start.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
  if (isOverBound) return [words, against === undefined ? ownBound(value) : `${value.toFixed(3)} x the usual bound`]
  return [words, Number.isInteger(value) ? formatNumber(value) : value.toFixed(3)]
}

function ownBound(ratio: number): string {
  return `${ratio.toFixed(3)} x its bound`
}

function contentOf({ sizeBytes, pieceLengthBytes, blockBytes }: RunReport): string {
  return `${formatSize(sizeBytes)} in pieces of ${formatSize(pieceLengthBytes)} and blocks of ${formatSize(blockBytes)}`
}

function seconds(value: number): string {
  return `${value.toFixed(value < 10 ? 2 : 1)} s`
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`
}
