import { roundTo } from './spread.ts'
import type { ClientSummary, Summary } from './summary.ts'

/** One thing the project promised to reach, as it stands in one result. */
export interface Verdict {
  readonly what: string
  readonly goal: string
  readonly measured: number
  readonly reached: boolean
}

interface Target {
  /** A benchmark, or one size of it, such as `swarm-8x100`. */
  readonly result: string
  readonly what: string
  readonly limit: number
  readonly direction: 'at least' | 'at most'
  readonly unit: string
  measure(summary: Summary): number | undefined
}

const TARGETS: readonly Target[] = [
  ratio('one-to-one', 'throughput, start to exit', 'throughputMiBps', 'libtorrent', 'at least', 1.5),
  ratio('one-to-one', 'throughput, start to exit', 'throughputMiBps', 'aria2', 'at least', 2),
  ratio('one-to-one', 'leech CPU per GiB', 'leechCpuPerGiB', 'libtorrent', 'at most', 1),
  ratio('one-to-one', 'seed CPU per GiB, while serving', 'seedServingCpuPerGiB', 'libtorrent', 'at most', 0.6),
  own('one-to-one', 'peak RSS of the leech', 'leechRssMiB', 160, ' MiB', (spread) => spread.max),
  own('one-to-one', 'peak RSS of the seed', 'seedRssMiB', 160, ' MiB', (spread) => spread.max),
  ratio('create', 'create, v1', 'throughputMiBps', 'mktorrent', 'at least', 0.7),
  ratio('create-formats', 'create, hybrid: SHA-1 and SHA-256 on the same cores', 'throughputMiBps', 'openssl', 'at least', 0.7),
  ratio('transfer-formats', 'throughput of a hybrid', 'throughputMiBps', 'distro-v1', 'at least', 0.85),
  {
    result: 'transfer-formats',
    what: 'throughput of v2 alone',
    limit: 0.85,
    direction: 'at least',
    unit: ' x distro-v1',
    measure: ({ clients }) => medianRatio(clients['distro-v2'], clients['distro-v1'], 'throughputMiBps'),
  },
  own('startup', '`distro --version`', 'wallMs', 120, ' ms', (spread) => spread.median),
  own('swarm-8x100', 'last host done / bound', 'lastOverBound', 1.15, '', (spread) => spread.median),
  own('swarm-16x50', 'last host done / bound', 'lastOverBound', 1.25, '', (spread) => spread.median),
  own('swarm', 'copies sent by the seed', 'seedCopies', 1.15, '', (spread) => spread.median),
  ratio('web-seed', 'throughput, start to exit', 'throughputMiBps', 'curl', 'at least', 0.8),
  own('mirror-swarm', 'last host done / bound', 'lastOverBound', 1.3, '', (spread) => spread.median),
  own('mirror-swarm', 'copies sent by the mirror', 'mirrorCopies', 1.3, '', (spread) => spread.median),
  own('delta-tar', 'bytes on the wire for one byte before a tar', 'wirePercent', 2, ' %', (spread) => spread.median),
  own('delta-files', 'bytes on the wire for 1 % in other files', 'wirePercent', 3, ' %', (spread) => spread.median),
  own('delta-runs-64K', 'bytes on the wire for 1 % in runs of 64 KiB', 'wirePercent', 3, ' %', (spread) => spread.median),
  own('delta-runs-4K', 'bytes on the wire for 1 % in runs of 4 KiB', 'wirePercent', 3, ' %', (spread) => spread.median),
  own('delta-each-file', 'bytes on the wire for 1 % of each file', 'wirePercent', 3, ' %', (spread) => spread.median),
  ratio('swarm-8x100', 'CPU of all leeches per GiB', 'leechCpuPerGiB', 'libtorrent', 'at most', 1),
]

/** Holds the result `name` against the promises made for it; what was not measured is left out. */
export function verdictsOn(name: string, summary: Summary): Verdict[] {
  return TARGETS.filter(({ result }) => `${name}-`.startsWith(`${result}-`)).flatMap((target) => {
    const measured = target.measure(summary)
    if (measured === undefined) return []
    const reached = target.direction === 'at least' ? measured >= target.limit : measured <= target.limit
    return [{ what: target.what, goal: `${target.direction} ${target.limit}${target.unit}`, measured, reached }]
  })
}

function ratio(result: string, what: string, metric: string, peer: string, direction: Target['direction'], limit: number): Target {
  const unit = ` x ${peer}`
  return { result, what, limit, direction, unit, measure: (summary) => summary.ratios[peer]?.[metric] }
}

function medianRatio(one: ClientSummary | undefined, other: ClientSummary | undefined, metric: string): number | undefined {
  const [above, below] = [one?.metrics[metric]?.median, other?.metrics[metric]?.median]
  return above === undefined || below === undefined ? undefined : roundTo(3, above / below)
}

function own(
  result: string,
  what: string,
  metric: string,
  limit: number,
  unit: string,
  pick: (spread: NonNullable<ClientSummary['metrics'][string]>) => number,
): Target {
  const measure = (summary: Summary): number | undefined => {
    const spread = summary.clients.distro?.metrics[metric]
    return spread && pick(spread)
  }
  return { result, what, limit, direction: 'at most', unit, measure }
}
