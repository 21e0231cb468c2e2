// Feeds every decoder of strangers' bytes with random and mutated inputs: `node scripts/fuzz.js [inputs per decoder] [name of a decoder]`.
// A round that finds something prints the seed; FUZZ_SEED repeats it.
import { spawnSync } from 'node:child_process'

const [inputs = '1000000', name] = process.argv.slice(2)
const filter = name === undefined ? [] : ['--testNamePattern', name]
const { status } = spawnSync('npx', ['vitest', 'run', '--project', 'unit', 'test/fuzz', ...filter], {
  stdio: 'inherit',
  env: { ...process.env, FUZZ_INPUTS: inputs },
})
process.exitCode = status ?? 1
