import { formatBytes, formatCount, formatSize } from '../../../src/base/format.ts'
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
    ['last host', `${seconds(report.lastSeconds)}, ${report.lastOverBound.toFixed(3)} x the bound`],
    ['median host', `${report.medianOverBound.toFixed(3)} x the bound`],
    ['first piece', `after ${seconds(report.slowestFirstPieceSeconds)} at the slowest host`],
    ['origin sent', `${report.originCopies.toFixed(3)} copies`],
    [
      'duplicates',
      `${formatBytes(report.duplicateBytes)}, ${percent(report.duplicateBytes / report.hosts / report.sizeBytes)} of what was needed`,
    ],
    ['overhead', `${percent(report.protocolOverhead)} above the blocks`],
    ['connections', `${report.meanDegree.toFixed(1)} a fetching host at a time, ${report.connectionsPerHost.toFixed(1)} made`],
    [
      'simulated',
      `${formatCount(report.events, 'event')} in ${seconds(report.wallSeconds)}, ${formatBytes(report.peakRssBytes)} of memory`,
    ],
  ]
  for (const [name, value] of Object.entries(report.figures)) rows.push([name, value.toFixed(3)])
  const width = Math.max(...rows.map(([name]) => name.length))
  return rows.map(([name, value]) => `${name.padEnd(width)} ${value}\n`).join('')
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
