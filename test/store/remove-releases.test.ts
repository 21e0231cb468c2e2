import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../../src/base/system-clock.ts'
import { hiddenName, isHiddenName } from '../../src/store/hidden-name.ts'
import { setAside, sweepRemoved } from '../../src/store/remove-releases.ts'
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
