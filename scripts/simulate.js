// Bundles the simulation of swarms and runs it in a process of its own, with a heap that is large enough: npm run simulate -- --help.
import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { constants } from 'node:os'
import { bundle } from './bundle.js'

/** Enough for a thousand hosts; more hosts need more. */
const LEAST_HEAP_MIB = 6_144
const HEAP_MIB_PER_HOST = 2
/** Most objects of a run are gone soon: a larger place for new ones saves a tenth of the time. */
const NURSERY_MIB = 64

const words = process.argv.slice(2)
const bundled = await bundle('test/simulation/command/main.ts', 'distro-simulation')
process.once('exit', () => rmSync(bundled, { force: true }))
const heapMib = Math.max(LEAST_HEAP_MIB, HEAP_MIB_PER_HOST * hosts())
const memory = [`--max-old-space-size=${heapMib}`, `--max-semi-space-size=${NURSERY_MIB}`]
const child = spawn(process.execPath, [...memory, ...profiling(), bundled, ...words], { stdio: 'inherit' })
// A terminal sends its signals to both; whoever sends one to this process alone means the simulation.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
child.once('exit', (code, signal) => {
  process.exitCode = code ?? 128 + (constants.signals[signal ?? ''] ?? 0)
})

/** The number after --hosts; what is no number is for the simulation itself to say. */
function hosts() {
  const value = words.map((word, index) => (word === '--hosts' ? words[index + 1] : /^--hosts=(.*)$/.exec(word)?.[1])).find(Boolean)
  return Number(value) || 0
}

/** With SIMULATE_PROFILE=FOLDER a CPU profile is left there. */
function profiling() {
  const folder = process.env.SIMULATE_PROFILE
  return folder ? ['--cpu-prof', `--cpu-prof-dir=${folder}`] : []
}
