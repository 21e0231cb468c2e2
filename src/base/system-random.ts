import { randomBytes } from 'node:crypto'
import type { Random } from './random.ts'

/** Unpredictable bytes for identities and tokens; ordinary pseudo-random numbers for choices, which nobody gains by guessing. */
export const systemRandom: Random = {
  below: (limit: number): number => Math.floor(Math.random() * limit),
  bytes: (length: number): Uint8Array => randomBytes(length),
}
