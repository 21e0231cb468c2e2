// Moves blocks between two processes through the wire floor alone and prints the medians: node bench/wire.js [GIB] [ROUNDS].
import { spawn } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))
const folder = path.join(root, 'node_modules', '.cache', 'distro-bench')
const bundle = path.join(folder, `wire-${process.pid}.mjs`)
const [gib = 2, rounds = 5] = process.argv.slice(2).map(Number)

mkdirSync(folder, { recursive: true })
await build({
  entryPoints: [path.join(root, 'bench', 'wire-side.ts')],
  outfile: bundle,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  logLevel: 'warning',
})

const results = []
for (let round = 0; round < rounds; round++) {
  const seed = side('seed')
  const { port } = await seed.line()
  const leech = side('leech', port, gib)
  const [leechSays, seedSays] = [await leech.line(), await seed.line()]
  const result = {
    megabytesPerSecond: leechSays.bytes / 1e6 / leechSays.seconds,
    leechCpuSecondsPerGib: leechSays.cpuSeconds / gib,
    seedCpuSecondsPerGib: seedSays.cpuSeconds / gib,
    leechRssMib: leechSays.rssMiB,
    seedRssMib: seedSays.rssMiB,
  }
  results.push(result)
}
rmSync(bundle)
for (const figure of Object.keys(results[0] ?? {})) console.log(`${figure}: ${median(results.map((result) => result[figure]))}`)

function side(...words) {
  const child = spawn(process.execPath, [bundle, ...words.map(String)], { stdio: ['ignore', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    async line() {
      const { value, done } = await lines.next()
      if (done) throw new Error(`${words[0]} ended without a result`)
      return JSON.parse(value)
    },
  }
}

function median(values) {
  const sorted = values.toSorted((left, right) => left - right)
  return Number(sorted[sorted.length >> 1].toFixed(3))
}
