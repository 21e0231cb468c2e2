import { loadavg } from 'node:os'

/**
 * Runs every contestant once a round, in an order that turns by one each round, so that a slow spell of the machine
 * and the place in the order fall on all alike.
 */
export async function interleave<T>(
  firstRound: number,
  lastRound: number,
  contestants: readonly string[],
  run: (contestant: string, round: number) => Promise<T>,
): Promise<T[]> {
  const results: T[] = []
  for (let round = firstRound; round <= lastRound; round++) {
    for (let turn = 0; turn < contestants.length; turn++) {
      const contestant = contestants[(turn + round) % contestants.length] ?? ''
      results.push(await run(contestant, round))
    }
  }
  return results
}

/** The machine's load of the last minute, recorded with a result because a busy machine measures badly. */
export function loadNow(): number {
  return Math.round((loadavg()[0] ?? 0) * 100) / 100
}
