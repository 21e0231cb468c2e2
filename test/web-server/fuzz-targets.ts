import { expect } from 'vitest'
import { answerFor } from '../../src/web-server/answer.ts'
import { readTarget } from '../../src/web-server/request-target.ts'
import type { FuzzTarget } from '../fuzz/fuzz-target.ts'

const resource = { tag: '"aa-0"', modifiedMs: 0, lengthBytes: 1_000, contentType: 'application/octet-stream' }
const conditions = ['range', 'if-range', 'if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since']
const date = 'Thu, 01 Jan 1970 00:00:00 GMT'

/** The decoders of this folder. */
export const fuzzTargets: readonly FuzzTarget[] = [
  {
    name: 'request target',
    seeds: ['/tree/a%20b/%C3%BC.bin?x=%', 'http://host:80/a/../b%2Fc'].map((text) => Buffer.from(text)),
    decode(bytes): void {
      readTarget(Buffer.from(bytes).toString('latin1'))
    },
  },
  {
    name: 'request headers',
    seeds: ['bytes=0-99\n"aa-0"\n*\nW/"x", "aa-0"\n', `bytes=-5\n${date}\n\n\n${date}\n${date}`].map((text) => Buffer.from(text)),
    decode(bytes): void {
      const lines = Buffer.from(bytes).toString('latin1').split('\n')
      const headers = Object.fromEntries(conditions.flatMap((name, index) => (lines[index] ? [[name, lines[index]]] : [])))
      const { status, range } = answerFor({ method: 'GET', headers }, resource, 0)
      expect([200, 206, 304, 412, 416]).toContain(status)
      if (range === undefined) return
      expect(range.start).toBeGreaterThanOrEqual(0)
      expect(range.start + range.lengthBytes).toBeLessThanOrEqual(resource.lengthBytes)
    },
  },
]
