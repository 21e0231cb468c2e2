import { describe, expect, it } from 'vitest'
import type { RollbackRequest } from '../../src/app/rollback-request.ts'
import { DistroError } from '../../src/base/errors.ts'
import { run } from '../../src/cli/run.ts'
import { fakeVerbs, notingVerbs } from './fake-verbs.ts'
import { FakeWorld } from './fake-world.ts'
import { sampleSwitch } from './sample-events.ts'

const hash = 'c12fe1c06bba254a9dc9f519b335aa7c1367a88a'

describe('distro fetch --releases', () => {
  it('asks for a release in that folder, and for how many stay', async () => {
    const { verbs, fetches } = notingVerbs()
    expect(await run(['fetch', hash, '--releases', 'srv', '--keep', '3'], new FakeWorld(), verbs)).toBe(0)
    expect(await run(['fetch', hash, '--releases', '/srv'], new FakeWorld(), verbs)).toBe(0)
    expect(await run(['fetch', hash], new FakeWorld(), verbs)).toBe(0)
    expect(fetches.map(({ outDir, releases }) => [outDir, releases])).toEqual([
      ['/build/srv', { keep: 3 }],
      ['/srv', { keep: undefined }],
      ['/build', undefined],
    ])
  })

  it.each([
    [['--releases', 'srv', '--out', 'x'], '--out and --releases'],
    [['--releases', 'srv', '--overwrite'], '--overwrite does not go with --releases'],
    [['--keep', '3'], 'there is no --releases'],
    [['--releases', 'srv', '--keep', '1'], '--keep expects a whole number from 2 to 1000'],
  ])('is refused as %j', async (words, sentence) => {
    const world = new FakeWorld()
    expect(await run(['fetch', hash, ...words], world, fakeVerbs())).toBe(2)
    expect(world.err).toContain(sentence)
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
      { dir: '/build/srv', to: 'app-c12fe1c06bba' },
      { dir: '/srv', to: undefined },
    ])
    expect(world.out).toBe('/srv/app/app-c12fe1c06bba\n')
    expect(world.err).toBe('current is app-c12fe1c06bba now, before it app-160f240d998f\n')
    const json = new FakeWorld()
    await run(['rollback', 'srv', '--json'], json, verbs)
    expect(json.records).toMatchObject([{ type: 'switched', release: 'app-c12fe1c06bba' }])
  })

  it('says that nothing was changed when that release is current already', async () => {
    const world = new FakeWorld()
    const verbs = fakeVerbs({ rollback: async () => ({ ...sampleSwitch, isSwitched: false }) })
    expect(await run(['rollback', 'srv', '--to', 'app-c12fe1c06bba'], world, verbs)).toBe(0)
    expect(world.err).toBe('app-c12fe1c06bba is current already; nothing was changed.\n')
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
