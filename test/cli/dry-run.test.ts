import { expect, it } from 'vitest'
import { DistroError } from '../../src/base/errors.ts'
import { run } from '../../src/cli/run.ts'
import { fakeVerbs } from './fake-verbs.ts'
import { FakeWorld } from './fake-world.ts'
import { sampleDone } from './sample-events.ts'

const hash = 'c12fe1c06bba254a9dc9f519b335aa7c1367a88a'
const fetchResult = { ...sampleDone, isDryRun: false, files: [] }

it('lists what a dry run would fetch, and does not run the command, which it says', async () => {
  const files = [
    { path: '/srv/app/a.txt', lengthBytes: 5 },
    { path: '/srv/app/b\u001b.txt', lengthBytes: 1_234 },
  ]
  const dry = fakeVerbs({ fetch: async () => ({ ...fetchResult, isDryRun: true, files }) })
  const world = new FakeWorld()
  expect(await run(['fetch', hash, '--dry-run', '--on-done', 'exit 1'], world, dry)).toBe(0)
  expect(world.out).toBe('    5 B  /srv/app/a.txt\n1.2 KiB  /srv/app/b\\x1b.txt\n')
  expect(world.err).toBe('2 files, 256 MiB in all; nothing was written and no command was run\n')
  const look = async (hereBytes: number, missingPaths: readonly string[]): Promise<FakeWorld> => {
    const outlook = { hereBytes, missingBytes: fetchResult.bytes - hereBytes, missingPaths }
    const again = new FakeWorld()
    const verbs = fakeVerbs({ fetch: async () => ({ ...fetchResult, isDryRun: true, files, outlook }) })
    await run(['fetch', hash, '--dry-run'], again, verbs)
    return again
  }
  expect((await look(0, ['/srv/app/a.txt'])).err).toBe('2 files, 256 MiB in all, all of it to fetch; nothing was written\n')
  expect(await look(255 * 2 ** 20, ['/srv/app/a.txt'])).toMatchObject({
    out: '    5 B  /srv/app/a.txt\n',
    err: '2 files, 256 MiB in all, 255 MiB of it here already, at most 1 MiB of 1 file to fetch; nothing was written\n',
  })
  expect(await look(256 * 2 ** 20, [])).toMatchObject({
    out: '',
    err: '2 files, 256 MiB in all, all of it here already; nothing was written\n',
  })
  const part = { ...files[1], path: '/srv/app/b', lengthBytes: 2 ** 20, missingBytes: 2 ** 19 }
  const outlook = { hereBytes: 2 ** 19, missingBytes: 2 ** 19 + 5, missingPaths: ['/srv/app/a.txt', part.path] }
  const mixed = {
    ...fetchResult,
    isDryRun: true,
    files: [{ ...files[0], path: '/srv/app/a.txt', lengthBytes: 5, missingBytes: 5 }, part],
    outlook,
  }
  const inPart = new FakeWorld()
  await run(['fetch', hash, '--dry-run'], inPart, fakeVerbs({ fetch: async () => mixed }))
  expect(inPart.out).toBe('             5 B  /srv/app/a.txt\n512 KiB of 1 MiB  /srv/app/b\n')
  const json = new FakeWorld()
  await run(['fetch', hash, '--dry-run', '--json'], json, dry)
  expect(json.records).toMatchObject(files.map((file) => ({ type: 'file', ...file })))
})

it('ends a dry run of what would be refused as the fetch would end, after the list', async () => {
  const files = [{ path: '/srv/app/a.txt', lengthBytes: 5 }]
  const refusal = new DistroError('TARGET_DIFFERS', 'app exists and differs.', { hint: 'Use another directory.' })
  const verbs = fakeVerbs({ fetch: async () => ({ ...fetchResult, isDryRun: true, files, refusal }) })
  const world = new FakeWorld()
  expect(await run(['fetch', hash, '--dry-run'], world, verbs)).toBe(6)
  expect(world.out).toBe('5 B  /srv/app/a.txt\n')
  expect(world.err).toBe(
    '1 file, 256 MiB in all, which would be refused; nothing was written\nerror: app exists and differs.\n hint: Use another directory.\n',
  )
  const json = new FakeWorld()
  expect(await run(['fetch', hash, '--dry-run', '--json'], json, verbs)).toBe(6)
  expect(json.records).toMatchObject([
    { type: 'file', ...files[0] },
    { type: 'error', code: 'TARGET_DIFFERS', exitCode: 6 },
  ])
})
