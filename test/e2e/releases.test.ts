import { execFile } from 'node:child_process'
import { cp, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { differingPaths } from '../support/differing-paths.ts'
import { HeldCommand } from '../support/held-command.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { mountTmpfs } from './support/mount-tmpfs.ts'
import { publishRelease, ReleasesFolder } from './support/releases.ts'

const run = promisify(execFile)
const preload = `--import=${resolve('test/e2e/support/die-at-step.mjs')}`

async function threeReleases(isSingleFile = false) {
  const root = await temporaryFolder()
  const [one, two, three] = await Promise.all(['1', '2', '3'].map((version) => publishRelease(root, version, isSingleFile)))
  if (one === undefined || two === undefined || three === undefined) throw new TypeError('three releases were asked for')
  return { root, srv: new ReleasesFolder(root), one, two, three }
}

describe('a fetch with --releases', () => {
  it('puts each release beside the others, switches current by a relative link, and removes all but the newest', async () => {
    const { srv, one, two, three } = await threeReleases()
    const first = await srv.fetched(one, ['--keep', '2'])
    expect(await srv.isWhole(one)).toBe(true)
    const facts = { dir: srv.dir, current: join(srv.dir, 'current'), release: one.name, path: join(srv.dir, one.name) }
    expect(first.events('switched')).toMatchObject([{ ...facts, previous: null, infoHash: one.infoHash, name: 'app', bytes: 70_001 }])
    expect(first.events('done')).toMatchObject([{ path: join(srv.dir, one.name), name: 'app' }])

    const second = await srv.fetched(two, ['--keep', '2'])
    expect(second.events('switched')).toMatchObject([{ release: two.name, previous: one.name }])
    const third = await srv.fetched(three, ['--keep', '2'])
    expect(third.events('release-removed')).toMatchObject([{ release: one.name, path: join(srv.dir, one.name) }])
    expect(await srv.current()).toBe(three.name)
    expect(await srv.isWhole(three)).toBe(true)
    expect(await srv.releases()).toEqual([two.name, three.name].sort())
    expect(await srv.leftovers()).toEqual([])

    const moved = new ReleasesFolder(srv.root, 'moved')
    await rename(srv.dir, moved.dir)
    expect(await moved.isWhole(three)).toBe(true)
  })

  it('verifies a release that is there where it stands, and switches only if it is not current', async () => {
    const { srv, one, two } = await threeReleases()
    await srv.fetched(one)
    await srv.fetched(two)
    const same = await srv.fetched(two)
    expect(same.events('switched')).toEqual([])
    expect(same.events('done')).toMatchObject([{ downloaded: 0, bySource: { local: 70_001 } }])
    const back = await srv.fetched(one)
    expect(back.events('switched')).toMatchObject([{ release: one.name, previous: two.name }])
    expect(back.events('done')).toMatchObject([{ downloaded: 0 }])
    expect(await srv.releases()).toEqual([one.name, two.name].sort())

    await writeFile(join(srv.dir, two.name, 'version'), 'X')
    const damaged = srv.fetch(two)
    expect(await damaged.exited, damaged.output).toEqual({ code: 6, signal: null })
    expect(damaged.events('error')).toMatchObject([{ code: 'TARGET_DIFFERS', hint: expect.stringContaining('distro rollback') }])
    expect(await srv.isWhole(one)).toBe(true)
  })

  it('puts a single file under its own name into the folder of its release', async () => {
    const { srv, one, two, three } = await threeReleases(true)
    for (const release of [one, two, three]) await srv.fetched(release, ['--keep', '2'])
    expect(await readFile(join(srv.dir, 'current/app'))).toEqual(await readFile(three.content))
    expect(await srv.releases()).toEqual([two.name, three.name].sort())
    expect(await srv.leftovers()).toEqual([])
  })

  it('leaves folders alone that it did not put there, also one that was current', async () => {
    const { srv, one, two, three } = await threeReleases()
    await mkdir(join(srv.dir, 'by-hand'), { recursive: true })
    await mkdir(join(srv.dir, 'other'))
    await symlink('by-hand', join(srv.dir, 'current'))
    const first = await srv.fetched(one, ['--keep', '2'])
    expect(first.events('switched')).toMatchObject([{ release: one.name, previous: 'by-hand' }])
    for (const release of [two, three]) await srv.fetched(release, ['--keep', '2'])
    expect(await srv.releases()).toEqual([two.name, three.name, 'by-hand', 'other'].sort())
  })

  it.each([
    ['is a directory', 6, 'TARGET_DIFFERS', (srv: ReleasesFolder) => mkdir(join(srv.dir, 'current'), { recursive: true })],
    ['is a file', 6, 'TARGET_DIFFERS', (srv: ReleasesFolder) => mkdir(srv.dir).then(() => writeFile(join(srv.dir, 'current'), ''))],
    [
      'leads out of it',
      7,
      'PATH_REFUSED',
      (srv: ReleasesFolder) => mkdir(srv.dir).then(() => symlink('../elsewhere', join(srv.dir, 'current'))),
    ],
    ['leads to a link', 7, 'PATH_REFUSED', (srv: ReleasesFolder) => mkdir(srv.dir).then(() => linkTwice(srv))],
  ])('refuses a folder whose current %s, with exit code %i, and writes nothing', async (_what, exitCode, code, prepare) => {
    const { srv, one } = await threeReleases()
    await prepare(srv)
    const fetch = srv.fetch(one)
    expect(await fetch.exited, fetch.output).toEqual({ code: exitCode, signal: null })
    expect(fetch.events('error')).toMatchObject([{ code, message: expect.stringContaining(join(srv.dir, 'current')) }])
    expect((await srv.releases()).filter((name) => name.startsWith('app-'))).toEqual([])
    expect(await srv.leftovers()).toEqual([])
  })

  it('that names a file in place of the folder says which flag did', async () => {
    const { srv, one } = await threeReleases()
    await writeFile(srv.dir, '')
    const fetch = srv.fetch(one)
    expect(await fetch.exited, fetch.output).toEqual({ code: 6, signal: null })
    expect(fetch.events('error')).toMatchObject([{ code: 'DISK_FAILED', hint: 'Choose another directory with --releases.' }])
  })

  it.each([false, true])('seeds on after the switch, and its release stays meanwhile; a single file: %s', async (isSingleFile) => {
    const { srv, one, two, three } = await threeReleases(isSingleFile)
    const seeding = srv.fetch(one, ['--keep-seeding'])
    await seeding.event('done')
    await srv.fetched(two, ['--keep', '2'])
    const third = await srv.fetched(three, ['--keep', '2'])
    expect(third.events('warning')).toMatchObject([{ message: expect.stringContaining(`${one.name} stays`) }])
    const [content, copy] = isSingleFile ? [join(one.content, '..'), join(srv.dir, one.name)] : [one.content, join(srv.dir, one.name)]
    expect((await differingPaths(content, copy)).filter((path) => !path.startsWith('.'))).toEqual([])
    expect(await seeding.stop()).toEqual({ code: 0, signal: null })
    const again = await srv.fetched(three, ['--keep', '2'])
    expect(again.events('release-removed')).toMatchObject([{ release: one.name }])
    expect(await srv.releases()).toEqual([two.name, three.name].sort())
  })

  it.each([false, true])('removes with --keep what older fetches left that never ended; a single file: %s', async (isSingleFile) => {
    const { srv, one, two, three } = await threeReleases(isSingleFile)
    const killed = srv.fetch(one, ['--down-limit', '10k'])
    await killed.event('ready')
    await killed.stop('SIGKILL')
    await srv.fetched(two, ['--keep', '2'])
    expect(await readdir(srv.dir, { recursive: true })).toContainEqual(expect.stringMatching(/\.distro-[0-9a-f]{16}$/))
    await srv.fetched(three, ['--keep', '2'])
    expect(await srv.releases()).toEqual([two.name, three.name].sort())
    expect(await srv.leftovers()).toEqual([])
  })

  it('ends with exit code 9 while another fetch into the same folder runs, which goes on', async () => {
    const { srv, one, two } = await threeReleases()
    const first = srv.fetch(one, ['--down-limit', '10k'])
    await first.event('metadata')
    first.signal('SIGSTOP')
    const second = srv.fetch(two)
    expect(await second.exited, second.output).toEqual({ code: 9, signal: null })
    expect(second.events('error')).toMatchObject([{ code: 'BUSY', message: expect.stringContaining(srv.dir) }])
    first.signal('SIGCONT')
    expect(await first.exited, first.output).toEqual({ code: 0, signal: null })
    expect(await srv.isWhole(one)).toBe(true)
  })

  it('ends with exit code 6 on a disk that is full or may not be written, and current stays', async (context) => {
    const { srv, one, two } = await threeReleases()
    await mkdir(srv.dir)
    await mountTmpfs(context, srv.dir, 'size=400k')
    await srv.fetched(one)
    await writeFile(join(srv.dir, 'filler'), new Uint8Array(240_000))
    const full = srv.fetch(two)
    expect(await full.exited, full.output).toEqual({ code: 6, signal: null })
    expect(full.events('error')).toMatchObject([{ code: 'DISK_FULL' }])
    await run('mount', ['-o', 'remount,ro', srv.dir])
    for (const refused of [srv.fetch(two), srv.rollback(['--to', one.name])]) {
      expect(await refused.exited, refused.output).toEqual({ code: 6, signal: null })
      expect(refused.events('error')).toMatchObject([{ code: 'DISK_FAILED', message: expect.stringContaining('read-only') }])
    }
    expect(await srv.isWhole(one)).toBe(true)
    await run('mount', ['-o', 'remount,rw', srv.dir])
    await rm(join(srv.dir, 'filler'))
    await srv.fetched(two)
    expect(await srv.isWhole(two)).toBe(true)
  })

  it('can be killed before any step of the switch: current is one release or the other, whole, and the next fetch ends the work', async () => {
    const { root, srv, one, two, three } = await threeReleases()
    await srv.fetched(one)
    await srv.fetched(two)
    let steps = 0
    for (let step = 1; ; step++) {
      const host = new ReleasesFolder(root, `host-${step}`)
      await cp(srv.dir, host.dir, { recursive: true, verbatimSymlinks: true })
      const dying = host.fetch(three, ['--keep', '2'], { NODE_OPTIONS: preload, DIE_AT: String(step), DIE_IN: host.dir })
      const { code, signal } = await dying.exited
      expect(await host.isWhole(two, three), `step ${step}`).toBe(true)
      if (code === 0) break
      expect(signal, dying.output).toBe('SIGKILL')
      steps++
      await host.fetched(three, ['--keep', '2'])
      expect(await host.isWhole(three), `step ${step}`).toBe(true)
      expect(await host.releases(), `step ${step}`).toEqual([two.name, three.name].sort())
      expect(await host.leftovers(), `step ${step}`).toEqual([])
      await rm(host.dir, { recursive: true })
    }
    // The draft of the history, its rename, the link, its rename, the removal, the history again: less would mean that steps are not seen.
    expect(steps).toBeGreaterThanOrEqual(8)
  })
})

describe('the --on-switch command', () => {
  it('runs at each flip of a fetch and of a rollback, and at no other time, with what happened in JSON', async () => {
    const { root, srv, one, two } = await threeReleases()
    const log = join(root, 'log')
    const hook = ['--on-switch', `cat >> '${log}'; readlink "$DISTRO_CURRENT" >> '${log}'`]
    await srv.fetched(one, hook)
    await srv.fetched(one, hook)
    await srv.fetched(two, hook)
    expect(await srv.rollback(hook).exited).toEqual({ code: 0, signal: null })
    expect(await srv.rollback([...hook, '--to', one.name]).exited).toEqual({ code: 0, signal: null })
    const lines = (await readFile(log, 'utf8')).trimEnd().split('\n')
    const told = lines.filter((_line, index) => index % 2 === 0).map((line) => JSON.parse(line) as unknown)
    expect(told).toMatchObject([
      { type: 'switched', verb: 'fetch', release: one.name, previous: null },
      { type: 'switched', verb: 'fetch', release: two.name, previous: one.name },
      { type: 'switched', verb: 'rollback', release: one.name, previous: two.name },
    ])
    expect(lines.filter((_line, index) => index % 2 === 1)).toEqual([one.name, two.name, one.name])
  })

  it('runs again at the next fetch of its release when it failed, until it ends well', async () => {
    const { root, srv, one, two } = await threeReleases()
    await srv.fetched(one)
    const failing = srv.fetch(two, ['--on-switch', 'exit 3'])
    expect(await failing.exited, failing.output).toEqual({ code: 2, signal: null })
    const still = srv.fetch(two, ['--on-switch', 'exit 4'])
    expect(await still.exited, still.output).toEqual({ code: 2, signal: null })
    expect(still.events('switched')).toEqual([])
    expect(still.events('warning')).toMatchObject([
      { message: expect.stringContaining(`the last switch to ${two.name}, so it runs again`) },
    ])
    // One without the command neither runs it nor forgets it.
    await srv.fetched(two)
    const log = join(root, 'log')
    const hook = ['--on-switch', `cat >> '${log}'`]
    await srv.fetched(two, hook)
    await srv.fetched(two, hook)
    expect(await toldIn(log)).toMatchObject([{ type: 'switched', verb: 'fetch', release: two.name, previous: one.name }])
    expect(await srv.leftovers()).toEqual([])
  })

  it('runs again by the same rollback after a kill while it ran, which goes no further back', async () => {
    const { root, srv, one, two } = await threeReleases()
    for (const release of [one, two]) await srv.fetched(release)
    const held = await HeldCommand.make()
    const killed = srv.rollback(['--on-switch', held.line])
    await held.isHeld
    killed.signal('SIGKILL')
    // The command outlives it, and holds what it prints to.
    await held.letGo()
    expect(await killed.exited).toMatchObject({ signal: 'SIGKILL' })
    expect(await srv.current()).toBe(one.name)
    const log = join(root, 'log')
    const hook = ['--on-switch', `cat >> '${log}'`]
    const again = srv.rollback(hook)
    expect(await again.exited, again.output).toEqual({ code: 0, signal: null })
    expect(again.events('warning')).toMatchObject([{ message: expect.stringContaining('runs again') }])
    await srv.rollback(['--to', one.name, ...hook]).exited
    expect(await toldIn(log)).toMatchObject([{ verb: 'rollback', release: one.name, previous: two.name }])
    expect(await srv.leftovers()).toEqual([])
  })

  it('follows a rollback on a full disk too, and is remembered there', async (context) => {
    const { root, srv, one, two } = await threeReleases()
    await mkdir(srv.dir)
    await mountTmpfs(context, srv.dir, 'size=1m')
    for (const release of [one, two]) await srv.fetched(release)
    await expect(writeFile(join(srv.dir, 'filler'), new Uint8Array(2 * 1_024 * 1_024))).rejects.toMatchObject({ code: 'ENOSPC' })
    const failing = srv.rollback(['--on-switch', 'exit 3'])
    expect(await failing.exited, failing.output).toEqual({ code: 2, signal: null })
    expect(await srv.isWhole(one)).toBe(true)
    const log = join(root, 'log')
    const again = srv.rollback(['--to', one.name, '--on-switch', `cat >> '${log}'`])
    expect(await again.exited, again.output).toEqual({ code: 0, signal: null })
    expect(await toldIn(log)).toMatchObject([{ release: one.name, previous: two.name }])
    expect(await srv.leftovers()).toEqual([])
  })

  it('may itself roll back, say when the new release is not healthy', async () => {
    const { srv, one, two } = await threeReleases()
    await srv.fetched(one)
    const rollback = `'${process.execPath}' '${resolve('bin/distro.js')}' rollback "$DISTRO_RELEASES_DIR" >&2`
    const fetch = srv.fetch(two, ['--on-switch', `${rollback}; exit 1`])
    expect(await fetch.exited, fetch.output).toEqual({ code: 2, signal: null })
    expect(fetch.events('error')).toMatchObject([{ code: 'HOOK_FAILED', message: expect.stringContaining('--on-switch') }])
    expect(await srv.isWhole(one)).toBe(true)
  })
})

describe('a rollback', () => {
  it('goes back to the release before, one further each time, and forth by name', async () => {
    const { srv, one, two, three } = await threeReleases()
    for (const release of [one, two, three]) await srv.fetched(release)
    const first = srv.rollback()
    expect(await first.exited, first.output).toEqual({ code: 0, signal: null })
    expect(first.events('switched')).toMatchObject([
      { dir: srv.dir, release: two.name, previous: three.name, infoHash: two.infoHash, name: 'app', bytes: 70_001 },
    ])
    expect(await srv.isWhole(two)).toBe(true)
    expect(await srv.rollback().exited).toEqual({ code: 0, signal: null })
    expect(await srv.current()).toBe(one.name)

    const last = srv.rollback()
    expect(await last.exited, last.output).toEqual({ code: 2, signal: null })
    expect(last.events('error')).toMatchObject([
      {
        code: 'INPUT_MISSING',
        message: `There is nothing to go back to: ${srv.dir} has no release before "${one.name}".`,
        hint: `--to NAME switches to one of those that are there: ${one.name}, ${two.name}, ${three.name}.`,
      },
    ])
    const forth = srv.rollback(['--to', three.name])
    expect(await forth.exited, forth.output).toEqual({ code: 0, signal: null })
    expect(await srv.isWhole(three)).toBe(true)
    const same = srv.rollback(['--to', three.name])
    expect(await same.exited, same.output).toEqual({ code: 0, signal: null })
    expect(same.events('switched')).toEqual([])
    expect(await srv.leftovers()).toEqual([])
  })

  it('is what the next fetch takes for the release before its own', async () => {
    const { srv, one, two, three } = await threeReleases()
    for (const release of [one, two]) await srv.fetched(release)
    expect(await srv.rollback().exited).toEqual({ code: 0, signal: null })
    const third = await srv.fetched(three, ['--keep', '2'])
    expect(third.events('switched')).toMatchObject([{ release: three.name, previous: one.name }])
    expect(third.events('release-removed')).toMatchObject([{ release: two.name }])
    expect(await srv.rollback().exited).toEqual({ code: 0, signal: null })
    expect(await srv.isWhole(one)).toBe(true)
  })

  it('can be killed before any step: current is one release or the other, whole, and the next command goes on from there', async () => {
    const { srv, one, two } = await threeReleases()
    await srv.fetched(one)
    await srv.fetched(two)
    let steps = 0
    for (let step = 1; ; step++) {
      const env = { NODE_OPTIONS: preload, DIE_FROM: 'start', DIE_AT: String(step), DIE_IN: srv.dir }
      const dying = srv.rollback(['--to', one.name], env)
      const { code, signal } = await dying.exited
      expect(await srv.isWhole(one, two), `step ${step}`).toBe(true)
      if (code === 0) break
      expect(signal, dying.output).toBe('SIGKILL')
      steps++
      const forth = srv.rollback(['--to', two.name])
      expect(await forth.exited, forth.output).toEqual({ code: 0, signal: null })
      expect(await srv.isWhole(two), `step ${step}`).toBe(true)
    }
    // The lock, the link, its rename, the end of the lock.
    expect(steps).toBeGreaterThanOrEqual(5)
    expect(await srv.leftovers()).toEqual([])
  })

  it('does not wait for a fetch that runs', async () => {
    const { srv, one, two, three } = await threeReleases()
    for (const release of [one, two]) await srv.fetched(release)
    const slow = srv.fetch(three, ['--down-limit', '10k'])
    await slow.event('metadata')
    slow.signal('SIGSTOP')
    const rollback = srv.rollback()
    expect(await rollback.exited, rollback.output).toEqual({ code: 0, signal: null })
    expect(await srv.current()).toBe(one.name)
    slow.signal('SIGCONT')
    await slow.stop()
  })

  it('says in one sentence when there is no folder, no current, or no such release, and writes nothing', async () => {
    const { root, srv, one } = await threeReleases()
    await srv.fetched(one)
    const empty = new ReleasesFolder(root, 'empty')
    const missing = new ReleasesFolder(root, 'missing')
    await mkdir(empty.dir)
    const attempts = [missing.rollback(), empty.rollback(), srv.rollback(['--to', 'apple']), srv.rollback(['--to', '../srv'])]
    for (const attempt of attempts) {
      expect(await attempt.exited, attempt.output).toEqual({ code: 2, signal: null })
      expect(attempt.events('error')).toMatchObject([{ code: 'INPUT_MISSING' }])
    }
    expect(await empty.leftovers()).toEqual([])
  })
})

async function linkTwice(srv: ReleasesFolder): Promise<void> {
  await symlink('/', join(srv.dir, 'away'))
  await symlink('away', join(srv.dir, 'current'))
}

/** The lines of JSON that commands were told. */
async function toldIn(log: string): Promise<unknown[]> {
  const lines = (await readFile(log, 'utf8')).trimEnd().split('\n')
  return lines.map((line) => JSON.parse(line) as unknown)
}
