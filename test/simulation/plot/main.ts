import { writeFileSync } from 'node:fs'
import { diskError } from '../../../src/store/disk-error.ts'
import { drawPlot } from './draw-plot.ts'
import { readRuns } from './read-runs.ts'

const [out = '', ...files] = process.argv.slice(2)
const runs = readRuns(files)
if ('complaint' in runs) {
  process.stderr.write(`${runs.complaint}\n`)
  process.exitCode = 2
} else {
  try {
    writeFileSync(out, drawPlot(runs.value))
    process.stdout.write(`The picture is ${out}.\n`)
  } catch (cause) {
    process.stderr.write(`${diskError(cause, 'write', out).message}\n`)
    process.exitCode = 2
  }
}
