import { describe, expect, test } from 'vitest'
import type { Run } from '../../bench/report/outcome.ts'
import { summarise } from '../../bench/report/summary.ts'
import { verdictsOn } from '../../bench/report/targets.ts'

function run(client: string, round: number, metrics: Record<string, number>, intact = true): Run {
  return { client, round, load: 0, intact, metrics }
}

const runs: readonly Run[] = [
  run('aria2', 1, { throughputMiBps: 200 }),
  run('libtorrent', 1, { throughputMiBps: 300, leechCpuPerGiB: 2 }),
  run('distro', 1, { throughputMiBps: 600, leechCpuPerGiB: 1.5, leechRssMiB: 90 }),
  run('distro', 2, { throughputMiBps: 500, leechCpuPerGiB: 1.7, leechRssMiB: 170 }),
  run('distro', 3, {}, false),
  run('libtorrent', 2, { throughputMiBps: 400, leechCpuPerGiB: 3 }),
]

describe('summarise', () => {
  test('a failed run counts as a run but not as a measurement', () => {
    const { clients } = summarise(runs)
    expect(clients.distro).toMatchObject({ runs: 3, intact: 2, metrics: { throughputMiBps: { median: 550, min: 500, max: 600 } } })
  })

  test('ratios are those of the medians, over every other contestant and the metrics both have', () => {
    expect(summarise(runs).ratios).toEqual({
      aria2: { throughputMiBps: 2.75 },
      libtorrent: { throughputMiBps: 1.571, leechCpuPerGiB: 0.64 },
    })
  })

  test('distro comes first and the others in the order of their names', () => {
    expect(Object.keys(summarise(runs).clients)).toEqual(['distro', 'aria2', 'libtorrent'])
  })

  test('without distro there are no ratios', () => {
    expect(summarise(runs.filter((one) => one.client !== 'distro')).ratios).toEqual({})
  })
})

describe('verdictsOn', () => {
  test('a goal is held against the ratio of its own metric', () => {
    const verdicts = verdictsOn('one-to-one', summarise(runs))
    expect(verdicts).toContainEqual({
      what: 'throughput, start to exit',
      goal: 'at least 1.5 x libtorrent',
      measured: 1.571,
      reached: true,
    })
  })

  test('memory is judged by its worst run, not by the median', () => {
    const verdicts = verdictsOn('one-to-one', summarise(runs))
    expect(verdicts).toContainEqual({ what: 'peak RSS of the leech', goal: 'at most 160 MiB', measured: 170, reached: false })
  })

  test('a goal for one size of a benchmark is not held against another', () => {
    const swarm = summarise([run('distro', 1, { lastOverBound: 1.2, seedCopies: 1.1 })])
    const reached = (name: string): unknown[] => verdictsOn(name, swarm).map((verdict) => [verdict.what, verdict.reached])
    expect(reached('swarm-8x100')).toEqual([
      ['last host done / bound', false],
      ['copies sent by the seed', true],
    ])
    expect(reached('swarm-16x50')[0]).toEqual(['last host done / bound', true])
    expect(reached('swarm-4x20')).toEqual([['copies sent by the seed', true]])
  })

  test('what was not measured is left out', () => {
    expect(verdictsOn('one-to-one', summarise(runs)).map(({ what }) => what)).not.toContain('peak RSS of the seed')
    expect(verdictsOn('startup', summarise([run('node', 1, { wallMs: 40 })]))).toEqual([])
  })
})
