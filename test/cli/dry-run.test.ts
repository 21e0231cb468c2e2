import { expect, it } from 'vitest'
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
  const json = new FakeWorld()
  await run(['fetch', hash, '--dry-run', '--json'], json, dry)
  expect(json.records).toMatchObject(files.map((file) => ({ type: 'file', ...file })))
})
