import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { exchange } from '../../src/store/exchange.ts'
import { hasPerl } from '../support/has-perl.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

async function twoTrees(): Promise<readonly [one: string, other: string]> {
  const folder = await temporaryFolder()
  const [one, other] = [join(folder, "a new 'one'\n"), join(folder, '-other')]
  for (const [path, content] of [
    [one, 'one'],
    [other, 'other'],
  ] as const) {
    mkdirSync(path)
    writeFileSync(join(path, 'content'), content)
  }
  return [one, other]
}

it.runIf(hasPerl)('exchanges two trees, of which neither is absent at any moment', async () => {
  const [one, other] = await twoTrees()
  for (const round of ['first', 'second']) {
    let isUnderWay = true
    const exchanged = exchange(one, other).finally(() => {
      isUnderWay = false
    })
    let looks = 0
    while (isUnderWay) {
      for (let look = 0; look < 200; look++) expect(existsSync(one) && existsSync(other)).toBe(true)
      looks++
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect([await exchanged, looks > 0]).toEqual([true, true])
    expect(readFileSync(join(one, 'content'), 'utf8')).toBe(round === 'first' ? 'other' : 'one')
    expect(readFileSync(join(other, 'content'), 'utf8')).toBe(round === 'first' ? 'one' : 'other')
  }
})

it('does nothing to a tree that has nothing to be exchanged with', async () => {
  const folder = await temporaryFolder()
  mkdirSync(join(folder, 'one'))
  await expect(exchange(join(folder, 'one'), join(folder, 'other'))).rejects.toMatchObject({ code: 'ENOENT' })
  expect(readdirSync(folder)).toEqual(['one'])
})
