// Moves blocks between two processes through the wire floor alone and prints the medians: node bench/wire.js [GIB] [ROUNDS].
import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { bundle } from '../scripts/bundle.js'

const [gib = 2, rounds = 5] = process.argv.slice(2).map(Number)
const bundled = await bundle('bench/wire-side.ts', 'distro-bench')

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
rmSync(bundled)
for (const figure of Object.keys(results[0] ?? {})) console.log(`${figure}: ${median(results.map((result) => result[figure]))}`)

function side(...words) {
  const child = spawn(process.execPath, [bundled, ...words.map(String)], { stdio: ['ignore', 'pipe', 'inherit'] })
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
