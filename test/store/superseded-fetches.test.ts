import { lstat, mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../src/base/system-clock.ts'
import { setAsideSuperseded } from '../../src/store/superseded-fetches.ts'
import { TargetLock } from '../../src/store/target-lock.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { until } from '../support/until.ts'

const hash = '0123456789abcdef'
const release = `app-${hash.slice(0, 12)}`
const tree = `.${release}.distro-${hash}`
const file = `${release}/.app.distro-${hash}`

/** A folder of releases in which a fetch of `release` ended early, and then others came. */
async function superseded(staging: string): Promise<string> {
  const dir = await temporaryFolder()
  await mkdir(join(dir, staging), { recursive: true })
  await writeFile(join(dir, staging, 'state'), '')
  // The clock of the file system goes in steps.
  await until('later', async () => {
    await writeFile(join(dir, staging, '..', 'later'), '')
    return (await changed(join(dir, staging, '..', 'later'))) > (await changed(join(dir, staging))) || undefined
  })
  await rm(join(dir, staging, '..', 'later'))
  for (const name of ['app-2', 'app-3']) await mkdir(join(dir, name))
  return dir
}

describe('what an unfinished fetch left', () => {
  it.each([tree, file])('as %s goes out of sight once it is older than every release that stays', async (staging) => {
    const dir = await superseded(staging)
    const path = join(dir, dirname(staging) === '.' ? staging : release)
    expect(await setAsideSuperseded(dir, ['app-2', 'app-3'], systemClock)).toEqual({ removed: [path], complaints: [] })
    expect((await readdir(dir)).sort()).toEqual([`.${release}.distro-removed`, 'app-2', 'app-3'])
  })

  it.each([tree, file])('as %s stays while it is fetched, or when it was worked on since, or a release is not there', async (staging) => {
    const dir = await superseded(staging)
    const lock = await TargetLock.take(join(dir, `.${release}.distro-lock`), systemClock)
    onTestFinished(() => lock.release())
    const nothing = { removed: [], complaints: [] }
    expect(await setAsideSuperseded(dir, ['app-2', 'app-3'], systemClock)).toEqual(nothing)
    await lock.release()
    expect(await setAsideSuperseded(dir, ['app-2', 'gone'], systemClock)).toEqual(nothing)
    await writeFile(join(dir, staging, 'more'), '')
    expect(await setAsideSuperseded(dir, ['app-2', 'app-3'], systemClock)).toEqual(nothing)
  })

  it.each([`.app.distro-${hash}`, `other/.app.distro-${hash}`, `.app-ba9876543210.distro-${hash}`])(
    'as %s is not that of a release, and stays',
    async (staging) => {
      const dir = await superseded(staging)
      expect(await setAsideSuperseded(dir, ['app-3'], systemClock)).toEqual({ removed: [], complaints: [] })
    },
  )
})

async function changed(path: string): Promise<number> {
  return (await lstat(path)).ctimeMs
}
