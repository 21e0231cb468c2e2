import { writeFileSync } from 'node:fs'
import { drawPlot } from './draw-plot.ts'
import { readRuns } from './read-runs.ts'

const [out = '', ...files] = process.argv.slice(2)
const runs = readRuns(files)
if ('complaint' in runs) {
  process.stderr.write(`${runs.complaint}\n`)
  process.exitCode = 2
} else {
  writeFileSync(out, drawPlot(runs.value))
  process.stdout.write(`${out}\n`)
}
