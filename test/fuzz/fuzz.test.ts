import { describe, expect, it } from 'vitest'
import { DistroError } from '../../src/base/errors.ts'
import { allTargets } from './all-targets.ts'
import type { FuzzTarget } from './fuzz-target.ts'
import { inputsFor } from './mutate.ts'

// `npm test` runs a short round with another seed each time; scripts/fuzz.js runs a million. A finding is repeated with FUZZ_SEED.
const inputCount = Number(process.env.FUZZ_INPUTS ?? 3_000)
const seed = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31))
const SLOWEST_MS = 1_000
const MOST_GROWTH_BYTES = 200 * 1_024 * 1_024

describe(`fuzzing with seed ${seed}`, () => {
  it.each(allTargets.map((target) => [target.name, target] as const))(
    `%s survives ${inputCount} inputs`,
    (_, target) => {
      const startBytes = process.memoryUsage.rss()
      let highestBytes = 0
      let count = 0
      for (const input of inputsFor(target, seed)) {
        if (++count > inputCount) break
        const startedMs = performance.now()
        try {
          target.decode(input)
        } catch (error) {
          if (!(error instanceof DistroError)) throw finding(target, input, count, error)
          if (error.code === 'INTERNAL') throw finding(target, input, count, error)
        }
        const tookMs = performance.now() - startedMs
        // A machine that pauses is not a decoder that hangs: only what is slow twice counts.
        if (tookMs > SLOWEST_MS && isSlowAgain(target, input)) expect.fail(describeInput(target, input, count, `took ${tookMs} ms`))
        if (count % 10_000 === 0) highestBytes = Math.max(highestBytes, process.memoryUsage.rss())
      }
      expect(highestBytes - startBytes).toBeLessThan(MOST_GROWTH_BYTES)
    },
    Math.max(60_000, inputCount * 2),
  )
})

function isSlowAgain(target: FuzzTarget, input: Uint8Array): boolean {
  const startedMs = performance.now()
  try {
    target.decode(input)
  } catch {}
  return performance.now() - startedMs > SLOWEST_MS
}

function finding(target: FuzzTarget, input: Uint8Array, count: number, cause: unknown): Error {
  return new Error(describeInput(target, input, count, String(cause)), { cause })
}

function describeInput(target: FuzzTarget, input: Uint8Array, count: number, what: string): string {
  return `${target.name}, seed ${seed}, input ${count} (base64 ${Buffer.from(input).toString('base64')}): ${what}`
}
