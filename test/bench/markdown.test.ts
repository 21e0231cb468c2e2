import { expect, test } from 'vitest'
import { renderMarkdown } from '../../bench/report/markdown.ts'
import type { Result } from '../../bench/report/results.ts'
import { summarise } from '../../bench/report/summary.ts'

const runs = [
  { client: 'distro', round: 1, load: 0.1, intact: true, metrics: { wallMs: 90, rssMiB: 50 } },
  { client: 'distro', round: 2, load: 0.1, intact: true, metrics: { wallMs: 130, rssMiB: 51 } },
  { client: 'node', round: 1, load: 0.1, intact: true, metrics: { wallMs: 40 } },
]

const result: Result = {
  name: 'startup',
  benchmark: 'startup',
  settings: { command: 'distro --version' },
  versions: { distro: '0.1.0' },
  date: '2030-01-02T03:04:05.000Z',
  commandLine: 'npm run bench -- startup',
  commit: 'abc1234',
  machine: { cpu: 'Some CPU', cores: 2, memoryGiB: 8, kernel: 'Linux 6.1', node: 'v20.19.0' },
  summary: summarise(runs),
  runs,
}

test('a page states how, where and when each result was made', () => {
  const page = renderMarkdown([result])
  expect(page).toContain('`npm run bench -- startup` on 2030-01-02, commit abc1234: command distro --version.')
  expect(page).toContain('Machine: 2 cores (Some CPU), 8 GiB, Linux 6.1, Node v20.19.0. Versions: distro 0.1.0.')
})

test('a page has a row for each metric with medians, ranges and ratios, and blanks for what was not measured', () => {
  const page = renderMarkdown([result])
  expect(page).toContain('| | distro | node | distro / node |')
  expect(page).toContain('| ms | 110 (90-130) | 40 (40-40) | 2.75 |')
  expect(page).toContain('| peak RSS, MiB | 50.5 (50-51) |  |  |')
  expect(page).toContain('| runs whole and intact | 2 of 2 | 1 of 1 |  |')
})

test('a page says of each goal whether it is reached', () => {
  expect(renderMarkdown([result])).toContain('| startup | `distro --version` | at most 120 ms | 110 | yes |')
})

test('a page of no results is only its heading', () => {
  expect(renderMarkdown([])).not.toContain('## ')
})
