import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { codeCacheOf, codeCachePath, compileBundle, loadBundle } from '../../scripts/load-with-code-cache.js'
import { temporaryFolder } from '../support/temporary-folder.ts'

const text = `exports.answer = () => 'one'; exports.other = require('./other.cjs').name; exports.path = __filename\n`
let path: string

beforeEach(async () => {
  path = join(await temporaryFolder(), 'bundle.cjs')
  await writeFile(path, text)
  await writeFile(join(path, '..', 'other.cjs'), `exports.name = require('node:path').basename('/a/b')\n`)
  await writeFile(codeCachePath(path), codeCacheOf(compileBundle(path)))
})

describe('a bundle with a code cache', () => {
  test('is loaded with it, and so is what it requires', () => {
    const compiled: unknown[] = []
    const { answer, other, path: own } = loadBundle(path, (name, { script }) => compiled.push([name, script.cachedDataRejected]))
    expect([answer(), other, own]).toEqual(['one', 'b', path])
    expect(compiled).toEqual([
      [path, false],
      [join(path, '..', 'other.cjs'), undefined],
    ])
  })

  test('is compiled anew when it changed, also where its length did not', async () => {
    await writeFile(path, text.replace('one', 'two'))
    expect(compileBundle(path).script.cachedDataRejected).toBeUndefined()
    expect(loadBundle(path).answer()).toBe('two')
  })

  test.each([
    ['is empty', () => Buffer.alloc(0)],
    ['was cut', (cache: Buffer) => cache.subarray(0, 50)],
    ['is of another V8', (cache: Buffer) => Buffer.concat([cache.subarray(0, 32), Buffer.alloc(cache.length - 32, 1)])],
    ['is damaged', (cache: Buffer) => cache.map((byte, at) => (at > 100 && at % 50 === 0 ? byte ^ 0x55 : byte))],
  ])('is loaded without it when it %s', async (_name, change) => {
    await writeFile(codeCachePath(path), change(await readFile(codeCachePath(path))))
    expect(compileBundle(path).script.cachedDataRejected).toBeUndefined()
    expect(loadBundle(path).answer()).toBe('one')
  })

  test('is loaded without it on another kind of processor', () => {
    const arch = Object.getOwnPropertyDescriptor(process, 'arch') as PropertyDescriptor
    onTestFinished(() => void Object.defineProperty(process, 'arch', arch))
    Object.defineProperty(process, 'arch', { ...arch, value: 'abacus' })
    expect(compileBundle(path).script.cachedDataRejected).toBeUndefined()
  })
})
