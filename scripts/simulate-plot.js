// Simulates swarms of several sizes, or takes runs that are finished, and draws docs/simulation.svg: npm run simulate:plot -- --help.
import { spawnSync } from 'node:child_process'
import { accessSync, constants, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { bundle } from './bundle.js'

const HELP = `Draws which share of the hosts had everything when, beside the bound, a curve for each size of the swarm.

  npm run simulate:plot                       runs 10, 100, 1,000 and 10,000 hosts, which takes long, and draws docs/simulation.svg
  npm run simulate:plot -- --from runs/       draws runs/simulation.svg from the files that npm run simulate -- --times runs/NAME.json wrote

  --hosts LIST   sizes of the swarm, with commas between them (default 10,100,1000,10000)
  --from PATH    a file or folder of finished runs, in place of running any; may be given several times
  --out FILE     where the picture goes (default docs/simulation.svg, or, with --from, simulation.svg beside the first of the runs)
  --help         this text

Other words, such as --size 1G --seed 7, are handed to npm run simulate.
`

const folder = fileURLToPath(new URL('.', import.meta.url))
const text = { type: 'string' }
const { values, tokens } = parseArgs({
  strict: false,
  tokens: true,
  options: { hosts: text, out: text, from: { ...text, multiple: true }, help: { type: 'boolean' }, ...runOptions() },
})
if (values.help) process.stdout.write(HELP)
else process.exitCode = await main()

async function main() {
  const complaint = whyNotWrite(out())
  if (complaint !== undefined) {
    process.stderr.write(`${complaint}\n`)
    return 2
  }
  if (values.from !== undefined) return draw(values.from.map(String))
  const { code, files } = simulateAll()
  return code === 0 ? draw(files) : code
}

async function draw(paths) {
  const bundled = await bundle('test/simulation/plot/main.ts', 'distro-simulation')
  try {
    return run([bundled, out(), ...paths])
  } finally {
    rmSync(bundled, { force: true })
  }
}

/** Runs that somebody kept get a picture of their own: the one under docs is that of the runs which its page describes. */
function out() {
  if (values.out !== undefined) return String(values.out)
  const [first] = values.from ?? []
  if (first === undefined) return path.join(path.dirname(folder), 'docs', 'simulation.svg')
  const isFolder = statSync(String(first), { throwIfNoEntry: false })?.isDirectory() === true
  return path.join(isFolder ? String(first) : path.dirname(String(first)), 'simulation.svg')
}

/** Asked before the runs, which take long. */
function whyNotWrite(file) {
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory() === true) return `The picture cannot be written to ${file}: it is a folder.`
  try {
    accessSync(path.dirname(file), constants.W_OK)
    return undefined
  } catch {
    return `The picture cannot be written to ${file}: its folder does not exist or is not writable.`
  }
}

/** The files of one run for each size, up to the first that fails. They are kept, because they took long. */
function simulateAll() {
  const runs = mkdtempSync(path.join(tmpdir(), 'distro-simulation-'))
  const files = []
  for (const hosts of String(values.hosts ?? '10,100,1000,10000').split(',')) {
    const file = path.join(runs, `${hosts}.json`)
    process.stderr.write(`${hosts} hosts\n`)
    const code = run([path.join(folder, 'simulate.js'), '--hosts', hosts, '--times', file, ...otherWords()])
    if (code !== 0) {
      if (files.length === 0) rmSync(runs, { recursive: true, force: true })
      return { code, files }
    }
    if (files.length === 0) process.stderr.write(`The completion times go into ${runs}.\n`)
    files.push(file)
  }
  return { code: 0, files }
}

function run(words) {
  return spawnSync(process.execPath, words, { stdio: 'inherit' }).status ?? 1
}

/** Flags of the simulation that take a value, so that it is not taken for a word of its own. */
function runOptions() {
  return Object.fromEntries(['size', 'scenario', 'seed', 'link', 'piece-length', 'scale'].map((name) => [name, text]))
}

function otherWords() {
  const own = new Set(['hosts', 'out', 'from', 'help'])
  return tokens.flatMap((token) => {
    if (token.kind !== 'option') return [token.value ?? '--']
    return own.has(token.name) ? [] : [token.value === undefined ? token.rawName : `${token.rawName}=${token.value}`]
  })
}
