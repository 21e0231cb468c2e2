import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs'
import { DistroError } from '../../../src/base/errors.ts'
import { completionTimesOf } from '../completion-times.ts'
import { reportOf } from '../report.ts'
import { scenarios } from '../scenarios/all.ts'
import { Simulation } from '../simulation.ts'
import { Trace } from '../trace.ts'
import { describeReport } from './description.ts'
import { HELP } from './help.ts'
import { Progress } from './progress.ts'
import { readOptions, type SimulateOptions } from './read-options.ts'

/** Where the command speaks. */
export interface Streams {
  readonly stdout: { write(text: string): unknown }
  readonly stderr: { write(text: string): unknown; readonly isTTY?: boolean }
}

/** Runs `npm run simulate -- words` and returns the exit code: 0, 1 when a host that must finish did not, 2 for wrong usage. */
export function simulate(words: readonly string[], streams: Streams): number {
  try {
    const request = readOptions(words)
    if (request === 'help') streams.stdout.write(HELP)
    else if (request === 'list') streams.stdout.write(listOfScenarios())
    else return runOnce(request, streams)
    return 0
  } catch (error) {
    if (!(error instanceof DistroError)) throw error
    streams.stderr.write(`${error.message}\n${error.hint === undefined ? '' : `${error.hint}\n`}`)
    return error.code === 'USAGE' ? 2 : 1
  }
}

function runOnce(options: SimulateOptions, streams: Streams): number {
  const run = new Simulation(options)
  const progress = new Progress(run, streams.stderr)
  const endTrace = options.traceFile === undefined ? undefined : traceTo(options.traceFile, run, options.traceHost)
  const timesFile = options.timesFile === undefined ? undefined : openFile('completion times', options.timesFile)
  const isOver = run.run(() => progress.tell())
  endTrace?.()
  if (timesFile !== undefined) {
    writeFileSync(timesFile, `${JSON.stringify(completionTimesOf(run))}\n`)
    closeSync(timesFile)
  }
  progress.end()
  const report = { ...reportOf(run), wallSeconds: progress.wallSeconds, peakRssBytes: process.resourceUsage().maxRSS * 1_024 }
  streams.stdout.write(options.isJson ? `${JSON.stringify(report)}\n` : describeReport(report, options.scenario.summary))
  return isOver ? 0 : 1
}

/** Writes the story of host `number` (0 is the origin) into `file`; call what comes back when the run is over. */
function traceTo(file: string, run: Simulation, number: number): () => void {
  const host = [run.origin, ...run.leeches].find(({ plan }) => plan.number === number)
  if (host === undefined) {
    throw new DistroError('USAGE', `There is no host ${number} to trace.`, { hint: `0 is the origin, 1 to ${run.leeches.length} fetch.` })
  }
  const descriptor = openFile('trace', file)
  new Trace(run, host, (line) => writeSync(descriptor, line))
  return () => closeSync(descriptor)
}

function openFile(what: string, file: string): number {
  try {
    return openSync(file, 'w')
  } catch (cause) {
    throw new DistroError('USAGE', `The ${what} cannot be written to ${file}.`, {
      hint: 'Make the folder first, or name another file.',
      cause,
    })
  }
}

function listOfScenarios(): string {
  const width = Math.max(...scenarios.map(({ name }) => name.length))
  return scenarios.map(({ name, summary }) => `${name.padEnd(width)}  ${summary}\n`).join('')
}
