import type { Result } from './results.ts'
import type { Spread } from './spread.ts'
import { verdictsOn } from './targets.ts'

const LABELS: Readonly<Record<string, string>> = {
  throughputMiBps: 'MiB/s',
  wallSeconds: 'seconds',
  sinceConnectSeconds: 'of them connected',
  leechCpuPerGiB: 'leech CPU-s/GiB',
  seedServingCpuPerGiB: 'seed CPU-s/GiB, serving',
  seedTotalCpuPerGiB: 'seed CPU-s/GiB, whole life',
  mirrorCpuPerGiB: 'mirror CPU-s/GiB, serving',
  seedCpuPerGiBSent: 'seed CPU-s/GiB sent',
  leechRssMiB: 'leech peak RSS, MiB',
  leechAnonymousMiB: 'of it not file pages',
  seedRssMiB: 'seed peak RSS, MiB',
  seedAnonymousMiB: 'of it not file pages',
  cpuPerGiB: 'CPU-s/GiB',
  rssMiB: 'peak RSS, MiB',
  wallMs: 'ms',
  cpuMs: 'CPU ms',
  lastOverBound: 'last host / bound',
  firstOverBound: 'first host / bound',
  lastSeconds: 'last host, s',
  seedCopies: 'copies sent by the seed',
  mirrorCopies: 'copies sent by the mirror',
  busyShare: 'share of all cores busy',
  wirePercent: 'bytes on the wire, % of the content',
  payloadPercent: 'content that peers sent, %',
  wireMiB: 'bytes on the wire, MiB',
  cpuSeconds: 'CPU-s of the fetcher',
}

/** Renders results as one Markdown page: the goals first, then a section of figures for each result. */
export function renderMarkdown(results: readonly Result[]): string {
  const head = [
    '# Benchmark results',
    '',
    'Made by `npm run bench` from the JSON files beside this page; do not edit. How it is measured: docs/benchmarks.md.',
    'Figures are medians, with the least and the most in brackets. Only ratios within one result carry over to other machines.',
  ]
  return [...head, ...goals(results), ...results.flatMap(section)].join('\n')
}

function goals(results: readonly Result[]): string[] {
  const rows = results.flatMap((result) =>
    verdictsOn(result.name, result.summary).map(({ what, goal, measured, reached }) => {
      return `| ${result.name} | ${what} | ${goal} | ${measured} | ${reached ? 'yes' : '**no**'} |`
    }),
  )
  return rows.length === 0 ? [] : ['', '## Goals', '', '| result | what | goal | measured | reached |', '|---|---|---|--:|---|', ...rows]
}

function section(result: Result): string[] {
  const { machine, settings, versions, summary } = result
  const names = Object.keys(summary.clients)
  const metrics = [...new Set(names.flatMap((name) => Object.keys(summary.clients[name]?.metrics ?? {})))]
  const ratioNames = Object.keys(summary.ratios)
  const row = (metric: string): string => {
    const values = names.map((name) => cell(summary.clients[name]?.metrics[metric]))
    const ratios = ratioNames.map((name) => summary.ratios[name]?.[metric] ?? '')
    return `| ${[LABELS[metric] ?? metric, ...values, ...ratios].join(' | ')} |`
  }
  const counts = names.map((name) => `${summary.clients[name]?.intact} of ${summary.clients[name]?.runs}`)
  return [
    '',
    `## ${result.name}`,
    '',
    `\`${result.commandLine}\` on ${result.date.slice(0, 10)}, commit ${result.commit}: ${list(settings)}.`,
    `Machine: ${machine.cores} cores (${machine.cpu}), ${machine.memoryGiB} GiB, ${machine.kernel}, Node ${machine.node}. Versions: ${list(versions)}.`,
    '',
    `| | ${[...names, ...ratioNames.map((name) => `distro / ${name}`)].join(' | ')} |`,
    `|---|${'--:|'.repeat(names.length + ratioNames.length)}`,
    ...metrics.map(row),
    `| runs whole and intact | ${[...counts, ...ratioNames.map(() => '')].join(' | ')} |`,
  ]
}

function cell(spread: Spread | undefined): string {
  return spread === undefined ? '' : `${spread.median} (${spread.min}-${spread.max})`
}

function list(entries: Readonly<Record<string, string | number>>): string {
  return Object.entries(entries)
    .map(([key, value]) => `${key} ${value}`)
    .join(', ')
}
