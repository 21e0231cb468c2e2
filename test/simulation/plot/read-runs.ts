import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { diskError } from '../../../src/store/disk-error.ts'
import type { CompletionTimes } from '../completion-times.ts'

/** The runs that `npm run simulate -- --times FILE` left in files, or in folders of them; or one sentence that says what is wrong. */
export function readRuns(paths: readonly string[]): { readonly value: CompletionTimes[] } | { readonly complaint: string } {
  const runs: CompletionTimes[] = []
  let path = ''
  try {
    for (path of paths.flatMap(filesIn)) {
      const run = JSON.parse(readFileSync(path, 'utf8')) as Partial<CompletionTimes> | null
      if (run === null || !isRun(run)) return { complaint: `${path} does not hold the completion times of a run.` }
      runs.push(run)
    }
  } catch (cause) {
    const place = path === '' ? paths.join(', ') : path
    return { complaint: cause instanceof SyntaxError ? `${place} is not JSON.` : diskError(cause, 'read', place).message }
  }
  return runs.length === 0 ? { complaint: `There is no run in ${paths.join(', ') || 'no file'}.` } : { value: runs }
}

function filesIn(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path]
  return readdirSync(path).flatMap((name) => (name.endsWith('.json') ? [join(path, name)] : []))
}

function isRun(run: Partial<CompletionTimes>): run is CompletionTimes {
  const numbers = [run.hosts, run.sizeBytes, run.blockBytes, run.linkBytesPerSecond, run.seed, run.boundSeconds, run.unfinished]
  const times: unknown = run.overBound
  return (
    numbers.every((number) => Number.isFinite(number)) &&
    /^[\w-]+$/.test(run.scenario ?? '') &&
    Array.isArray(times) &&
    times.length > 0 &&
    times.every((time, index) => Number.isFinite(time) && (index === 0 || time >= times[index - 1]))
  )
}
