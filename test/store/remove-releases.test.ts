import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../../src/base/system-clock.ts'
import { hiddenName, isHiddenName } from '../../src/store/hidden-name.ts'
import { writeHistory } from '../../src/store/release-history.ts'
import { releaseLock, setAside, sweepDisplaced, sweepRemoved } from '../../src/store/remove-releases.ts'
import { TargetLock } from '../../src/store/target-lock.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

describe('an old release', () => {
  it.each(['app-1', 'with blanks and .dots', 'over\ntwo lines', 'ü'.repeat(127)])(
    'called %j goes out of sight, and then from the disk',
    async (name) => {
      const dir = await temporaryFolder()
      await mkdir(join(dir, name))
      await writeFile(join(dir, name, 'f'), 'x')
      const release = { name, title: name, infoHash: 'a'.repeat(40), bytes: 1 }
      expect(await setAside(dir, [release], systemClock)).toEqual({ removed: [name], complaints: [] })
      const left = await readdir(dir)
      expect(left).toEqual([hiddenName(name, 'removed')])
      expect(left.every(isHiddenName)).toBe(true)
      expect(await sweepRemoved(dir, systemClock)).toEqual([])
      expect(await readdir(dir)).toEqual([])
    },
  )
})

describe('the part that a release gave way to', () => {
  it.each(['app-1', 'over\ntwo lines', 'ü'.repeat(127)])(
    'goes with the next fetch, unless %j is fetched now or is not there',
    async (name) => {
      const dir = await temporaryFolder()
      const part = hiddenName(name, 'old')
      const put = async (folder: string): Promise<void> => {
        await mkdir(join(dir, folder))
        await writeFile(join(dir, folder, 'f'), 'x')
      }
      for (const folder of [name, part]) await put(folder)
      await writeHistory(dir, [{ name, title: name, infoHash: 'a'.repeat(40), bytes: 1, isPart: true }])
      const lock = await TargetLock.take(releaseLock(dir, name), systemClock)
      await sweepDisplaced(dir, systemClock)
      await lock.release()
      expect(await readdir(dir)).toContain(part)
      await rm(join(dir, name), { recursive: true })
      await sweepDisplaced(dir, systemClock)
      expect(await readdir(join(dir, part))).toEqual(['f'])
      await put(name)
      await sweepDisplaced(dir, systemClock)
      expect((await readdir(dir)).sort()).toEqual(['.current.distro-history', name].sort())
    },
  )
})
