import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import type { ErrorCode } from '../../src/base/errors.ts'
import { exitCodes } from '../../src/cli/exit-codes.ts'

const contract: Readonly<Record<number, { retry: boolean }>> = {
  1: { retry: false },
  2: { retry: false },
  3: { retry: true },
  4: { retry: true },
  5: { retry: false },
  6: { retry: false },
  7: { retry: false },
  8: { retry: true },
  9: { retry: true },
  130: { retry: true },
  143: { retry: true },
}

describe('exit codes', () => {
  it('are what the contract says, with its word on retrying', () => {
    for (const { exitCode, retry } of Object.values(exitCodes)) expect(retry).toBe(contract[exitCode]?.retry)
    expect(new Set(Object.values(exitCodes).map(({ exitCode }) => exitCode))).toEqual(new Set(Object.keys(contract).map(Number)))
  })

  it('stand in docs/exit-codes.md, every one and nothing else', async () => {
    const page = await readFile('docs/exit-codes.md', 'utf8')
    const rows = [...page.matchAll(/^\| (\d+) \| ?([A-Z_]*) \| (.*?) \| ?(yes|no)? ?\|$/gm)].map(([, exitCode, code, meaning, retry]) => ({
      code,
      exitCode: Number(exitCode),
      meaning,
      retry: retry === 'yes',
    }))
    const [done, ...failures] = rows
    expect(done).toMatchObject({ exitCode: 0, code: '', meaning: 'done' })
    const expected = Object.entries(exitCodes).map(([code, meaning]) => ({ code, ...meaning }))
    const byCode = (left: { code?: string | undefined }, right: { code?: string | undefined }): number =>
      String(left.code) < String(right.code) ? -1 : 1
    expect(failures.sort(byCode)).toEqual(expected.sort(byCode))
  })

  it('give a meaning in words to every error code', () => {
    for (const code of Object.keys(exitCodes) as ErrorCode[]) expect(exitCodes[code].meaning).toMatch(/^[a-z-].{10,}[^.]$/)
  })
})
