import { chmodSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { removeTree } from '../../src/store/remove-tree.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { poolOfTwo } from './pool-of.ts'

it.each([
  ['from here', (): undefined => undefined],
  ['in a worker', poolOfTwo],
])(
  'removes a tree whose folders their owner may not write into or enter %s, and nothing that its links lead to',
  async (_where, poolFor) => {
    const folder = await temporaryFolder()
    mkdirSync(join(folder, 'elsewhere'))
    writeFileSync(join(folder, 'elsewhere/kept'), '')
    mkdirSync(join(folder, 'tree/a/b'), { recursive: true })
    writeFileSync(join(folder, 'tree/a/b/c'), '')
    symlinkSync('../../elsewhere', join(folder, 'tree/a/link'))
    for (const [path, mode] of [
      ['tree/a/b', 0o000],
      ['tree/a', 0o555],
      ['tree', 0o555],
    ] as const) {
      chmodSync(join(folder, path), mode)
    }
    chmodSync(join(folder, 'elsewhere'), 0o755)
    await removeTree(join(folder, 'tree'), poolFor())
    expect([existsSync(join(folder, 'tree')), existsSync(join(folder, 'elsewhere/kept'))]).toEqual([false, true])
  },
)

it('is content with nothing, and takes a file too', async () => {
  const folder = await temporaryFolder()
  writeFileSync(join(folder, 'file'), '')
  await removeTree(join(folder, 'file'))
  await removeTree(join(folder, 'file'))
  expect(existsSync(join(folder, 'file'))).toBe(false)
})
