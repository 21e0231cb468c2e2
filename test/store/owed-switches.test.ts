import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { systemClock } from '../../src/base/system-clock.ts'
import { owedSwitch, oweSwitch, settleSwitch } from '../../src/store/owed-switches.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const file = '.current.distro-owed'

it('a switch is owed from when it is written down until it is settled, and nothing is left behind', async () => {
  const dir = await temporaryFolder()
  expect(await owedSwitch(dir, 'b')).toBeUndefined()
  await oweSwitch(dir, { release: 'b', previous: 'a' }, 'a')
  expect(await readdir(dir)).toEqual([file])
  expect(await owedSwitch(dir, 'b')).toEqual({ release: 'b', previous: 'a' })
  expect(await owedSwitch(dir, 'a')).toBeUndefined()
  await settleSwitch(dir, 'a', systemClock)
  expect(await owedSwitch(dir, 'b')).toBeDefined()
  await settleSwitch(dir, 'b', systemClock)
  expect((await readdir(dir)).filter((name) => name.startsWith(file))).toEqual([])
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

it.each(['{', '{"owed":1}', '{"owed":[{"release":1,"previous":null},null]}', `{"owed":[]}${' '.repeat(10_000)}`])(
  'nothing is owed by a file that holds %s',
  async (text) => {
    const dir = await temporaryFolder()
    await writeFile(join(dir, file), text)
    expect(await owedSwitch(dir, 'a')).toBeUndefined()
    await oweSwitch(dir, { release: 'a', previous: null }, undefined)
    expect(await owedSwitch(dir, 'a')).toBeDefined()
  },
)

it('a file that cannot be read is told of', async () => {
  const dir = await temporaryFolder()
  await mkdir(join(dir, file))
  await expect(owedSwitch(dir, 'a')).rejects.toMatchObject({ code: 'DISK_FAILED' })
})
