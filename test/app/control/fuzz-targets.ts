import { expect } from 'vitest'
import { decodeAnswer, encodeAnswer } from '../../../src/app/control/control-answer.ts'
import { decodeRequest, encodeRequest } from '../../../src/app/control/control-request.ts'
import { DistroError } from '../../../src/base/errors.ts'
import { sampleRun, sampleWebSeed } from '../../cli/sample-runs.ts'
import type { FuzzTarget } from '../../fuzz/fuzz-target.ts'

/** The decoders of the control socket. */
export const fuzzTargets: readonly FuzzTarget[] = [
  {
    name: 'control request',
    seeds: [
      Buffer.from(encodeRequest({ ask: 'run' })),
      Buffer.from(encodeRequest({ ask: 'replace-web-seed', url: 'https://a.example/', by: '/mnt' })),
    ],
    words: ['"ask"', '"add-web-seed"', '"__proto__"', 'null', '{}', '[]'],
    decode(bytes): void {
      const request = decodeRequest(bytes)
      if (request.ok) expect(decodeRequest(Buffer.from(encodeRequest(request.value)))).toEqual(request)
    },
  },
  {
    name: 'control answer',
    seeds: [
      Buffer.from(encodeAnswer({ kind: 'run', run: sampleRun })),
      Buffer.from(encodeAnswer({ kind: 'web-seed', webSeed: sampleWebSeed })),
      Buffer.from(encodeAnswer({ kind: 'done', change: { removed: null, added: '/mnt' } })),
      Buffer.from(encodeAnswer({ kind: 'error', error: new DistroError('USAGE', 'No.') })),
    ],
    words: ['"kind"', '"run"', '1e999', '-1', 'null', '{}', '[]'],
    decode(bytes): void {
      const answer = decodeAnswer(bytes)
      if (answer.ok) expect(decodeAnswer(Buffer.from(encodeAnswer(answer.value)))).toEqual(answer)
    },
  },
]
