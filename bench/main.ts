import { rmSync } from 'node:fs'
import { DistroError } from '../src/base/errors.ts'
import { create } from './create.ts'
import { createFormats } from './create-formats.ts'
import { DELTA_CASES } from './delta/cases.ts'
import { delta } from './delta.ts'
import { undoAtExit } from './harness/leftovers.ts'
import { type Options, readOptions } from './harness/options.ts'
import type { Place } from './harness/place.ts'
import { startTracker, TRACKER_WORD } from './harness/tracker.ts'
import { oneToOne } from './one-to-one.ts'
import { profile } from './profile.ts'
import { renderMarkdown } from './report/markdown.ts'
import type { Outcome } from './report/outcome.ts'
import { resultOf, saveResult } from './report/results.ts'
import { describeProfile } from './report/top-functions.ts'
import { startup } from './startup.ts'
import { mirrorSwarm, SWARM_PRESETS, swarm } from './swarm.ts'
import { transferFormats } from './transfer-formats.ts'
import { webSeed } from './web-seed.ts'

const BENCHMARKS: Readonly<Record<string, (options: Options, place: Place) => Promise<Outcome>>> = {
  'one-to-one': oneToOne,
  'transfer-formats': transferFormats,
  create,
  'create-formats': createFormats,
  startup,
  swarm,
  'mirror-swarm': mirrorSwarm,
  'web-seed': webSeed,
  delta,
}

/** What runs when no benchmark is named: everything that needs no root. */
const WITHOUT_ROOT = ['startup', 'create', 'create-formats', 'one-to-one', 'transfer-formats', 'web-seed']

/** Runs the benchmarks named in `words` and tells the exit code: 0, 1 when a run failed, 2 for wrong usage. */
export async function main(words: readonly string[], place: Place): Promise<number> {
  undoAtExit(() => rmSync(place.bundle, { force: true }))
  try {
    const { verbs, options } = readOptions(words, place)
    const [verb, ...rest] = verbs
    if (verb === 'top') return show(rest)
    if (verb === 'profile') return await profile(options, place).then(() => 0)
    let code = 0
    for (const name of verb === undefined ? WITHOUT_ROOT : verbs) {
      for (const variant of variantsOf(name, options)) code = Math.max(code, await benchmark(name, variant, place, words))
    }
    return code
  } catch (error) {
    if (!(error instanceof DistroError)) throw error
    process.stderr.write(`${error.message}\n${error.hint ?? ''}\n`)
    return error.code === 'USAGE' ? 2 : 1
  }
}

/** A swarm of no particular size is measured in all published sizes, and what moves when little changed in all cases. */
function variantsOf(name: string, options: Options): Options[] {
  const particular = options.preset !== undefined || options.hosts !== undefined || options.mbit !== undefined
  if (name === 'delta' && options.preset === undefined) return DELTA_CASES.map((one) => ({ ...options, preset: one.name }))
  return name === 'swarm' && !particular ? SWARM_PRESETS.map((preset) => ({ ...options, preset })) : [options]
}

async function benchmark(name: string, options: Options, place: Place, words: readonly string[]): Promise<number> {
  const run = BENCHMARKS[name]
  if (!run)
    throw new DistroError('USAGE', `there is no benchmark "${name}"`, {
      hint: `known: ${Object.keys(BENCHMARKS).join(', ')}, profile, top`,
    })
  options.say(`${name} ...`)
  const result = resultOf(await run(options, place), words, place)
  process.stdout.write(`${renderMarkdown([result])}\n`)
  if (options.save) options.say(`kept in ${saveResult(result, place)}`)
  return result.runs.every((one) => one.intact) ? 0 : 1
}

function show(files: readonly string[]): number {
  for (const file of files) process.stdout.write(`${describeProfile(file)}\n`)
  return 0
}

/** The tracker of a swarm, as a process of its own on a host of its own; it writes a line when it listens and one for each seed. */
async function serveTracker(address: string, port: number): Promise<void> {
  await startTracker(address, port, (seedPort) => process.stdout.write(`seed on port ${seedPort}\n`))
  process.stdout.write('listening\n')
}
if (process.argv[2] === TRACKER_WORD) await serveTracker(process.argv[3] ?? '', Number(process.argv[4]))
