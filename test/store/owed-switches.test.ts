import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { systemClock } from '../../src/base/system-clock.ts'
import { owedSwitch, oweSwitch, settleSwitch } from '../../src/store/owed-switches.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const link = (release: string): string => `.${release}.distro-owed`

it('a switch is owed from when it is written down until it is settled, and nothing is left behind', async () => {
  const dir = await temporaryFolder()
  expect(await owedSwitch(dir, 'b')).toBeUndefined()
  await oweSwitch(dir, { release: 'b', previous: 'a' }, 'a')
  expect(await readdir(dir)).toEqual([link('b')])
  expect(await owedSwitch(dir, 'b')).toEqual({ release: 'b', previous: 'a' })
  expect(await owedSwitch(dir, 'a')).toBeUndefined()
  await settleSwitch(dir, 'a', systemClock)
  expect(await owedSwitch(dir, 'b')).toBeDefined()
  await settleSwitch(dir, 'b', systemClock)
  expect((await readdir(dir)).filter((name) => name.includes('owed'))).toEqual([])
})

it('what is owed for the current release stays until the next one is current, and no more than these two are kept', async () => {
  const dir = await temporaryFolder()
  await oweSwitch(dir, { release: 'a', previous: null }, undefined)
  await oweSwitch(dir, { release: 'b', previous: 'a' }, 'a')
  expect(await owedSwitch(dir, 'a')).toEqual({ release: 'a', previous: null })
  await oweSwitch(dir, { release: 'c', previous: 'b' }, 'b')
  expect([await owedSwitch(dir, 'a'), await owedSwitch(dir, 'b'), await owedSwitch(dir, 'c')]).toEqual([
    undefined,
    { release: 'b', previous: 'a' },
    { release: 'c', previous: 'b' },
  ])
})

it('a switch in a folder that is not there is settled already', async () => {
  await settleSwitch(join(await temporaryFolder(), 'gone'), 'a', systemClock)
})

it('nothing is owed by what is no link or leads elsewhere, and it is replaced', async () => {
  const dir = await temporaryFolder()
  await writeFile(join(dir, link('a')), 'b')
  await symlink('../b', join(dir, link('b')))
  for (const release of ['a', 'b']) {
    expect(await owedSwitch(dir, release)).toBeUndefined()
    await oweSwitch(dir, { release, previous: null }, undefined)
    expect(await owedSwitch(dir, release)).toEqual({ release, previous: null })
  }
})

it('what cannot be replaced is told of', async () => {
  const dir = await temporaryFolder()
  await mkdir(join(dir, link('a')))
  await expect(oweSwitch(dir, { release: 'a', previous: null }, undefined)).rejects.toMatchObject({ code: 'DISK_FAILED' })
})
