import { expect } from 'vitest'
import { Bitfield } from '../../src/base/bitfield.ts'
import { decodeResumeState, encodeResumeState } from '../../src/store/resume-state.ts'
import { decodeKnownTree, encodeKnownTree } from '../../src/store/reuse/known-tree.ts'
import type { FuzzTarget } from '../fuzz/fuzz-target.ts'

const PIECES = 30
const infoHash = new Uint8Array(20).fill(4)
const verified = new Bitfield(PIECES)
verified.add(3)

const knownTree = {
  infoHashes: [infoHash],
  place: '/srv/app',
  isSingleFile: false,
  files: ['bin/app', 'lib/a.so'].map((path) => ({ path, lengthBytes: 5, root: 'r'.repeat(32) })),
  hints: { similar: [infoHash], collections: ['com.example.app'] },
  notedMs: 1_700_000_000_000,
}

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
  {
    name: 'known tree',
    seeds: [encodeKnownTree(knownTree), encodeKnownTree({ ...knownTree, files: [{ path: 'app', lengthBytes: 7, root: undefined }] })],
    words: ['../', './', '/', '\0', '\\'],
    decode(bytes): void {
      const decoded = decodeKnownTree(bytes)
      if (!decoded.ok) return
      for (const { path } of decoded.value.files) expect(path).not.toMatch(/(?:^|\/)(?:\.\.?)?(?:\/|$)|\0/)
      expect(decodeKnownTree(encodeKnownTree(decoded.value))).toEqual(decoded)
    },
  },
]
