import { expect } from 'vitest'
import { Bitfield } from '../../src/base/bitfield.ts'
import { decodeResumeState, encodeResumeState } from '../../src/store/resume-state.ts'
import type { FuzzTarget } from '../fuzz/fuzz-target.ts'

const PIECES = 30
const infoHash = new Uint8Array(20).fill(4)
const verified = new Bitfield(PIECES)
verified.add(3)

/** The decoders of this floor. */
export const fuzzTargets: readonly FuzzTarget[] = [
  {
    name: 'resume state',
    seeds: [encodeResumeState({ infoHash, verified, stamps: new Map() })],
    decode(bytes): void {
      const decoded = decodeResumeState(bytes, infoHash, PIECES)
      if (decoded.ok) expect(decoded.value.verified.length).toBe(PIECES)
    },
  },
]
