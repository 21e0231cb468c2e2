import { mkdir, readdir, readlink, realpath, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { pointCurrent, readCurrent } from '../../src/store/current-link.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

async function folder(): Promise<string> {
  return realpath(await temporaryFolder())
}

describe('the link of a folder of releases', () => {
  it('is relative, replaces the one before, and leaves nothing beside it', async () => {
    const dir = await folder()
    expect(await readCurrent(dir)).toBeUndefined()
    expect(await readCurrent(join(dir, 'missing'))).toBeUndefined()
    await symlink('left by a kill', join(dir, '.current.distro-new'))
    for (const name of ['a', 'b']) {
      await pointCurrent(dir, name)
      expect([await readlink(join(dir, 'current')), await readCurrent(dir)]).toEqual([name, name])
    }
    expect(await readdir(dir)).toEqual(['current'])
  })

  it('may be written in any way that means a folder beside it', async () => {
    for (const spell of [(): string => 'a', () => './a', () => 'a/', (dir: string) => `${dir}/a`, () => 'b/../a']) {
      const dir = await folder()
      await mkdir(join(dir, 'a'))
      await symlink(spell(dir), join(dir, 'current'))
      expect(await readCurrent(dir)).toBe('a')
    }
  })

  it.each(['..', '.', '/', '../x', 'a/b', 'current', '/etc/passwd'])('is refused when it leads to %s', async (target) => {
    const dir = await folder()
    await symlink(target, join(dir, 'current'))
    await expect(readCurrent(dir)).rejects.toMatchObject({ code: 'PATH_REFUSED', message: expect.stringContaining(`leads to ${target}`) })
  })

  it('is refused when it is no link, or leads to another one', async () => {
    const [file, directory, chain] = [await folder(), await folder(), await folder()]
    await writeFile(join(file, 'current'), '')
    await mkdir(join(directory, 'current'))
    await symlink('a', join(chain, 'current'))
    await symlink('b', join(chain, 'a'))
    for (const [dir, code, words] of [
      [file, 'TARGET_DIFFERS', 'is a file'],
      [directory, 'TARGET_DIFFERS', 'is a directory'],
      [chain, 'PATH_REFUSED', 'which is a link itself'],
    ] as const) {
      await expect(readCurrent(dir)).rejects.toMatchObject({ code, message: expect.stringContaining(words) })
    }
  })
})
