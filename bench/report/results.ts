import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describeMachine, type Machine } from '../harness/machine.ts'
import type { Place } from '../harness/place.ts'
import { renderMarkdown } from './markdown.ts'
import type { Outcome } from './outcome.ts'
import { type Summary, summarise } from './summary.ts'

/** What a results file holds: the outcome, what it comes to, and where and how it was made. */
export interface Result extends Outcome {
  readonly date: string
  readonly commandLine: string
  readonly commit: string
  readonly machine: Machine
  readonly summary: Summary
}

/** Completes an outcome into what is kept of it. */
export function resultOf(outcome: Outcome, words: readonly string[], place: Place): Result {
  const { runs, ...rest } = outcome
  return {
    ...rest,
    date: new Date().toISOString(),
    commandLine: ['npm run bench --', ...words].join(' ').replaceAll(place.root, '.'),
    commit: commitOf(place),
    machine: describeMachine(),
    summary: summarise(runs),
    runs,
  }
}

/** Writes a result to bench/results and makes the summary beside it anew from all results there. */
export function saveResult(result: Result, place: Place): string {
  const folder = path.join(place.root, 'bench', 'results')
  mkdirSync(folder, { recursive: true })
  const file = path.join(folder, `${result.name}.json`)
  writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`)
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'))
  const results = names.sort().map((name) => JSON.parse(readFileSync(path.join(folder, name), 'utf8')) as Result)
  writeFileSync(path.join(folder, 'README.md'), `${renderMarkdown(results)}\n`)
  return file
}

function commitOf(place: Place): string {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty'], { cwd: place.root, encoding: 'utf8' }).trim()
  } catch {
    return 'unknown'
  }
}
