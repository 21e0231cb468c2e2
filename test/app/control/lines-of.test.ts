import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { linesOf, MAX_LINE_BYTES } from '../../../src/app/control/lines-of.ts'

async function* stream(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks
}

async function linesIn(chunks: readonly Uint8Array[]): Promise<readonly string[]> {
  const lines: string[] = []
  for await (const line of linesOf(stream(chunks))) lines.push(Buffer.from(line).toString('latin1'))
  return lines
}

describe('the lines of a stream', () => {
  it('are the same however it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 40 }).map(withNewlines)), async (chunks) => {
        const whole = Buffer.concat(chunks)
        expect(await linesIn(chunks)).toEqual(whole.toString('latin1').split('\n').slice(0, -1))
      }),
    )
  })

  it('may be as long as the bound, and no longer', async () => {
    const longest = Buffer.alloc(MAX_LINE_BYTES, 97)
    const newline = Buffer.from('\n')
    expect((await linesIn([longest, newline])).map(({ length }) => length)).toEqual([MAX_LINE_BYTES])
    for (const chunks of [[longest, Buffer.from('a\n')], [longest, Buffer.from('a')], [Buffer.concat([longest, longest])]]) {
      await expect(linesIn(chunks)).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' })
    }
  })
})

/** Bytes of which every eighth ends a line. */
function withNewlines(bytes: Uint8Array): Uint8Array {
  return bytes.map((byte) => (byte % 8 === 0 ? 10 : byte))
}
