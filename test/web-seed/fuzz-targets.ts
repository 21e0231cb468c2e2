import { expect } from 'vitest'
import { HttpAnswer } from '../../src/web-seed/answers/http-answer.ts'
import { rangeVerdict } from '../../src/web-seed/answers/range-verdict.ts'
import { redirectTarget } from '../../src/web-seed/answers/redirect.ts'
import { validatorOf } from '../../src/web-seed/answers/validator.ts'
import { parseNetrc } from '../../src/web-seed/credentials/netrc.ts'
import type { FuzzTarget } from '../fuzz/fuzz-target.ts'

const asked = { offsetBytes: 100, lengthBytes: 50, fileBytes: 1_000, hadCredentials: false }
const right = 'content-range: bytes 100-149/1000'

/** The decoders of this floor. */
export const fuzzTargets: readonly FuzzTarget[] = [
  {
    name: 'header of a web seed',
    seeds: [
      `206\n${right}\ncontent-length: 50\netag: "a"\nlast-modified: Mon, 05 Oct 2026 10:00:00 GMT\ndate: Mon, 05 Oct 2026 10:00:01 GMT`,
      `206\n${right}\ncontent-encoding: identity\ntransfer-encoding: chunked\netag: W/"a"`,
      '200\ncontent-length: 1000',
      '416\ncontent-range: bytes */1000',
      '503\nretry-after: 120',
      '302\nlocation: https://mirror.example/a?b#c',
    ].map((text) => Buffer.from(text)),
    words: ['bytes ', '*/', '-', 'W/', '"', 'gzip', 'chunked', 'GMT', '99999999999999999999', '//', 'file:', '\n'],
    decode(bytes): void {
      const [status = '', ...lines] = Buffer.from(bytes).toString('latin1').split('\n')
      const headers = lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()] as const)
      const answer = new HttpAnswer(Number.parseInt(status, 10), new URL('https://mirror.example/file'), Object.fromEntries(headers))
      const failure = rangeVerdict(answer, asked, validatorOf(answer), new Date(0))
      if (failure === undefined) expect(answer.header('content-range')).toMatch(/^bytes[ =]0*100-0*149\/0*1000$/i)
      else expect(failure.retryAfterMs ?? 0).toBeLessThanOrEqual(300_000)
      const target = redirectTarget(answer, 1)
      if (target instanceof URL) expect(target.protocol).toBe('https:')
    },
  },
  {
    name: 'netrc',
    seeds: [Buffer.from('machine a login b password "c d"\n# x\nmacdef m\nmachine no\n\ndefault login e password f\n')],
    words: ['machine ', 'default ', 'login ', 'password ', 'account ', 'macdef ', '"', '\\', '\n\n'],
    decode(bytes): void {
      const text = Buffer.from(bytes).toString()
      expect(parseNetrc(text).length).toBeLessThanOrEqual(text.length)
    },
  },
]
