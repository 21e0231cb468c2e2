import { onTestFinished } from 'vitest'
import { systemClock } from '../../src/base/system-clock.ts'
import { HashPool } from '../../src/store/hash-pool.ts'

/** Two workers, until the test is over. */
export function poolOfTwo(): HashPool {
  const pool = new HashPool({ clock: systemClock, workers: 2 })
  onTestFinished(() => pool.close())
  return pool
}
