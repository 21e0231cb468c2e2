import { cp, mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { expect, it } from 'vitest'
import { differingPaths } from '../support/differing-paths.ts'
import { hasPerl } from '../support/has-perl.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { publishRelease, ReleasesFolder } from './support/releases.ts'

const preload = `--import=${resolve('test/e2e/support/die-at-step.mjs')}`

async function twoReleases() {
  const root = await temporaryFolder()
  const [one, two] = [await publishRelease(root, '1'), await publishRelease(root, '2')]
  return { root, srv: new ReleasesFolder(root), one, two }
}

it.runIf(hasPerl)(
  'a fetch of a part into a folder of releases says so, and later ones add the rest without fetching anything twice',
  async () => {
    const { srv, one, two } = await twoReleases()
    const part = await srv.fetched(one, ['--select', 'version'])
    const message = `The release ${one.name} will hold 1 of 3 files, as selected; a later fetch of all of it adds the rest.`
    expect(part.events('warning')).toMatchObject([{ message }])
    expect(part.events('switched')).toMatchObject([{ release: one.name, bytes: 1 }])
    expect(await readdir(join(srv.dir, 'current'))).toEqual(['version'])
    const again = await srv.fetched(one, ['--select', 'version'])
    const more = await srv.fetched(one, ['--select', 'data'])
    const whole = await srv.fetched(one)
    const narrower = await srv.fetched(one, ['--select', 'version'])
    expect([again, more, whole, narrower].map((run) => run.events('done')[0]?.downloaded)).toEqual([0, 35_000, 35_000, 0])
    expect([again, more, whole, narrower].flatMap((run) => run.events('switched'))).toEqual([])
    expect([again, whole, narrower].flatMap((run) => run.events('warning'))).toEqual([])
    expect(await srv.isWhole(one)).toBe(true)
    expect(await srv.leftovers()).toEqual([])

    // As a fetch leaves it that was killed while it removed the part.
    await mkdir(join(srv.dir, `.${one.name}.distro-old`, 'lib'), { recursive: true })
    await srv.fetched(two)
    expect(await srv.leftovers()).toEqual([])
    const back = srv.rollback()
    expect(await back.exited, back.output).toEqual({ code: 0, signal: null })
    expect(back.events('switched')).toMatchObject([{ release: one.name, bytes: 70_001 }])
  },
)

it.runIf(hasPerl)(
  'a fetch does not give back to a release what somebody took from it, and says what helps: it is moved away and fetched again',
  async () => {
    const { srv, one } = await twoReleases()
    await srv.fetched(one, ['--select', 'version'])
    await srv.fetched(one)
    await rm(join(srv.dir, one.name, 'lib/data'))
    // What was there whole is no part because of what is selected of it.
    await srv.fetched(one, ['--select', 'version'])
    const whole = srv.fetch(one)
    expect(await whole.exited, whole.output).toEqual({ code: 6, signal: null })
    expect(whole.events('error')).toMatchObject([
      {
        code: 'TARGET_DIFFERS',
        message: expect.stringContaining('"lib/data" is missing'),
        hint: expect.stringContaining('Move it away and fetch again'),
      },
    ])
    await rename(join(srv.dir, one.name), join(srv.dir, 'away'))
    await srv.fetched(one, ['--select', 'version'])
    await srv.fetched(one)
    expect(await srv.isWhole(one)).toBe(true)
  },
)

it.runIf(hasPerl)(
  'a fetch that completes a release can be killed before any step: current is the part or all of it, and the next fetch ends the work',
  async () => {
    const { root, srv, one } = await twoReleases()
    await srv.fetched(one, ['--select', 'version'])
    let steps = 0
    for (let step = 1; ; step++) {
      const host = new ReleasesFolder(root, `host-${step}`)
      await cp(srv.dir, host.dir, { recursive: true, verbatimSymlinks: true })
      const dying = host.fetch(one, [], { NODE_OPTIONS: preload, DIE_AT: String(step), DIE_IN: host.dir })
      const { code, signal } = await dying.exited
      const lacking = await differingPaths(one.content, join(host.dir, 'current'))
      expect([[], ['lib', 'lib/code', 'lib/data']], `step ${step}`).toContainEqual(lacking)
      if (code === 0) break
      expect(signal, dying.output).toBe('SIGKILL')
      steps++
      await host.fetched(one)
      expect(await host.isWhole(one), `step ${step}`).toBe(true)
      expect(await host.leftovers(), `step ${step}`).toEqual([])
      await rm(host.dir, { recursive: true })
    }
    // The part out of the way, its removal, that of the staging folder, the lock, the history: less would mean that steps are not seen.
    expect(steps).toBeGreaterThanOrEqual(8)
  },
)
