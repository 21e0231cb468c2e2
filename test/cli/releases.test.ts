import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { RollbackRequest } from '../../src/app/releases/rollback-request.ts'
import { DistroError } from '../../src/base/errors.ts'
import { run } from '../../src/cli/run.ts'
import { HeldCommand } from '../support/held-command.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { fakeVerbs, notingVerbs } from './fake-verbs.ts'
import { FakeWorld } from './fake-world.ts'
import { sampleDone, sampleSwitch } from './sample-events.ts'

const hash = 'c12fe1c06bba254a9dc9f519b335aa7c1367a88a'

describe('distro fetch --releases', () => {
  it('asks for a release in that folder, and for how many stay', async () => {
    const { verbs, fetches } = notingVerbs()
    expect(await run(['fetch', hash, '--releases', 'srv', '--keep', '3'], new FakeWorld(), verbs)).toBe(0)
    expect(await run(['fetch', hash, '--releases', '/srv'], new FakeWorld(), verbs)).toBe(0)
    expect(await run(['fetch', hash], new FakeWorld(), verbs)).toBe(0)
    expect(fetches.map(({ outDir, releases }) => [outDir, releases])).toEqual([
      ['/build/srv', { keep: 3, runsHook: false }],
      ['/srv', { keep: undefined, runsHook: false }],
      ['/build', undefined],
    ])
  })

  it.each([
    [['--releases', 'srv', '--out', 'x'], '--out and --releases'],
    [['--releases', 'srv', '--overwrite'], '--overwrite does not go with --releases'],
    [['--keep', '3'], 'there is no --releases'],
    [['--on-switch', 'true'], 'there is no --releases'],
    [['--releases', 'srv', '--keep', '1'], '--keep expects a whole number from 2 to 1000'],
  ])('is refused as %j', async (words, sentence) => {
    const world = new FakeWorld()
    expect(await run(['fetch', hash, ...words], world, fakeVerbs())).toBe(2)
    expect(world.err).toContain(sentence)
  })
})

describe('the --on-switch command', () => {
  it('of a fetch ends before the --on-done command begins, also when it fails', async () => {
    const file = join(await temporaryFolder(), 'order')
    const { verbs, world } = switching()
    const held = await HeldCommand.make()
    const hooks = ['--on-switch', `${held.line}; echo "$DISTRO_RELEASE" >> '${file}'; exit 3`, '--on-done', `echo done >> '${file}'`]
    const running = run(['fetch', hash, '--releases', 'srv', ...hooks], world, verbs)
    await held.isHeld
    expect(existsSync(file)).toBe(false)
    await held.letGo()
    expect(await running).toBe(2)
    expect(await readFile(file, 'utf8')).toBe('app-c12fe1c06bba\ndone\n')
    expect(world.err).toContain('error: The --on-switch command ended with exit code 3.')
  })

  it('of a fetch decides about its exit code, and that --on-done failed too is a warning', async () => {
    const { verbs, world } = switching()
    const hooks = ['--on-switch', 'kill -9 $$', '--on-done', 'exit 3']
    expect(await run(['fetch', hash, '--releases', 'srv', ...hooks], world, verbs)).toBe(2)
    expect(world.err).toContain('warning: The --on-done command ended with exit code 3.\n')
    expect(world.err).toContain('error: The --on-switch command ended with SIGKILL.')
    expect(world.err).not.toContain('warning: The --on-switch')
  })

  it('of a fetch that fails after its switch is waited for, and the fetch says why it failed', async () => {
    const file = join(await temporaryFolder(), 'out')
    const { verbs, world } = switching(new DistroError('DISK_FULL', 'The disk is full.'))
    const held = await HeldCommand.make()
    let hasEnded = false
    const running = run(['fetch', hash, '--releases', 'srv', '--on-switch', `${held.line}; echo > '${file}'`], world, verbs)
    void running.then(() => {
      hasEnded = true
    })
    await held.isHeld
    expect(hasEnded).toBe(false)
    await held.letGo()
    expect(await running).toBe(6)
    expect(await readFile(file, 'utf8')).toBe('\n')
  })

  it.each([
    ['fetch', hash, '--releases', 'srv'],
    ['rollback', 'srv'],
  ])('is told of when it failed also where %s fails for another reason, with what helps', async (...words) => {
    const failing = (command: string) => {
      const { verbs, world } = switching(new DistroError('DISK_FULL', 'The disk is full.'))
      return run([...words, '--on-switch', command], world, verbs).then((exitCode) => ({ exitCode, lines: world.err.split('\n') }))
    }
    const { exitCode, lines } = await failing('exit 3')
    expect(exitCode).toBe(6)
    const [warning, error] = lines.filter((line) => /^(warning|error)/.test(line))
    expect(warning).toMatch(
      /^warning: The --on-switch command ended with exit code 3\. The switch has happened; .*--on-switch runs it again/,
    )
    expect(error).toBe('error: The disk is full.')
    expect((await failing('true')).lines.filter((line) => line.startsWith('warning'))).toEqual([])
  })

  it('of a rollback decides about its exit code', async () => {
    for (const [command, exitCode] of [
      ['test "$DISTRO_PREVIOUS" = app-160f240d998f', 0],
      ['exit 1', 2],
    ] as const) {
      const { verbs, world } = switching()
      expect(await run(['rollback', 'srv', '--on-switch', command], world, verbs)).toBe(exitCode)
    }
  })
})

describe('distro rollback', () => {
  it('prints the path of what is current then, and says which it is and which it was', async () => {
    const requests: RollbackRequest[] = []
    const verbs = fakeVerbs({
      async rollback(request, events) {
        requests.push(request)
        events.emit('switched', sampleSwitch)
        return { ...sampleSwitch, isSwitched: true }
      },
    })
    const world = new FakeWorld()
    expect(await run(['rollback', 'srv', '--to', 'app-c12fe1c06bba'], world, verbs)).toBe(0)
    expect(await run(['rollback', '/srv'], new FakeWorld(), verbs)).toBe(0)
    expect(requests).toEqual([
      { dir: '/build/srv', to: 'app-c12fe1c06bba', runsHook: false },
      { dir: '/srv', to: undefined, runsHook: false },
    ])
    expect(world.out).toBe('/srv/app/app-c12fe1c06bba\n')
    expect(world.err).toBe('current is app-c12fe1c06bba now; it was app-160f240d998f\n')
    const json = new FakeWorld()
    await run(['rollback', 'srv', '--json'], json, verbs)
    expect(json.records).toMatchObject([
      { type: 'switched', release: 'app-c12fe1c06bba' },
      { type: 'rolled-back', path: '/srv/app/app-c12fe1c06bba', isSwitched: true },
    ])
  })

  it('says that nothing was changed when that release is current already, and prints its path all the same', async () => {
    const world = new FakeWorld()
    const verbs = fakeVerbs({ rollback: async () => ({ ...sampleSwitch, isSwitched: false }) })
    expect(await run(['rollback', 'srv', '--to', 'app-c12fe1c06bba'], world, verbs)).toBe(0)
    expect(world.err).toBe('app-c12fe1c06bba is current already; nothing was changed.\n')
    expect(world.out).toBe('/srv/app/app-c12fe1c06bba\n')
    const json = new FakeWorld()
    expect(await run(['rollback', 'srv', '--to', 'app-c12fe1c06bba', '--json'], json, verbs)).toBe(0)
    expect(json.records).toMatchObject([{ type: 'rolled-back', path: '/srv/app/app-c12fe1c06bba', isSwitched: false }])
  })

  it('ends with exit code 2 and a hint when there is nothing to go back to', async () => {
    const world = new FakeWorld()
    const verbs = fakeVerbs({
      rollback: () => Promise.reject(new DistroError('INPUT_MISSING', 'There is nothing to go back to.', { hint: 'Releases there: a.' })),
    })
    expect(await run(['rollback', 'srv'], world, verbs)).toBe(2)
    expect(world.err).toBe('error: There is nothing to go back to.\n hint: Releases there: a.\n')
  })
})

/** Verbs that switch, and then are done or fail, and a world in which commands find their programs. */
function switching(failure?: DistroError) {
  const verbs = fakeVerbs({
    async fetch(_request, events) {
      events.emit('switched', sampleSwitch)
      if (failure !== undefined) throw failure
      events.emit('done', sampleDone)
      return { ...sampleDone, isDryRun: false, files: [] }
    },
    async rollback(_request, events) {
      events.emit('switched', sampleSwitch)
      if (failure !== undefined) throw failure
      return { ...sampleSwitch, isSwitched: true }
    },
  })
  return { verbs, world: new FakeWorld({ env: { PATH: process.env.PATH ?? '' } }) }
}
