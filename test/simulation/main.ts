import { parseArgs } from 'node:util'
import { equal } from './scenarios/equal.ts'
import { reportOf } from './report.ts'
import { Simulation } from './simulation.ts'

export async function main(words: readonly string[]): Promise<number> {
  const { values } = parseArgs({ args: [...words], options: { hosts: { type: 'string', default: '100' }, size: { type: 'string', default: '256' }, piece: { type: 'string' }, scale: { type: 'string', default: '1' }, seed: { type: 'string', default: '1' }, mbit: { type: 'string', default: '100' }, json: { type: 'boolean' } } })
  const started = performance.now()
  const run = new Simulation({ scenario: equal, hosts: Number(values.hosts), sizeBytes: Number(values.size) * 1048576, seed: Number(values.seed), scale: Number(values.scale), linkBytesPerSecond: Number(values.mbit) * 125000, ...(values.piece === undefined ? {} : { pieceLengthBytes: Number(values.piece) * 1024 }) })
  run.run(() => process.stderr.write(`${(run.events.nowMs() / 1000).toFixed(1)} s of ${(run.boundMs / 1000).toFixed(1)}, ${run.completed} complete, ${run.events.happened} events, ${((performance.now() - started) / 1000).toFixed(0)} s\n`))
  console.log({ ...reportOf(run), wallSeconds: (performance.now() - started) / 1000, rssMiB: process.resourceUsage().maxRSS / 1024 })
  return 0
}
main(process.argv.slice(2))
