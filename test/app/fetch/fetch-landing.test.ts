import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { VerbEvents } from '../../../src/app/events.ts'
import { FetchLanding } from '../../../src/app/fetch/fetch-landing.ts'
import type { FetchRequest } from '../../../src/app/fetch/fetch-request.ts'
import { DistroError } from '../../../src/base/errors.ts'
import { Events } from '../../../src/base/events.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { startFetch, startSeed } from '../support/running-verb.ts'
import { writeFiles } from '../support/write-files.ts'

const hintFor = (releases: FetchRequest['releases']): string | undefined => {
  const landing = new FetchLanding({ releases, outDir: '/srv' } as FetchRequest, new Events<VerbEvents>())
  const error = landing.explain(
    new DistroError('DISK_FAILED', 'It is read-only.', { hint: 'Mount it writable, or choose another directory.' }),
  )
  return error instanceof DistroError ? error.hint : undefined
}

it('a hint about the folder speaks of the option that named it', () => {
  expect(hintFor(undefined)).toBe('Mount it writable, or choose another directory with --out.')
  expect(hintFor({ keep: undefined })).toBe('Mount it writable, or choose another directory with --releases.')
})

it.each([
  ['--out', undefined],
  ['--releases', { keep: undefined }],
])('a fetch into a file says that %s names another folder', async (flag, releases) => {
  const root = await temporaryFolder()
  const content = await writeFiles(join(root, 'tree'), { a: 10 })
  const seeding = startSeed({ path: content, torrentOut: join(root, 'tree.torrent') })
  await seeding.event('ready')
  const fetching = startFetch({ id: join(root, 'tree.torrent'), outDir: join(content, 'a', 'b'), releases })
  await expect(fetching.result).rejects.toMatchObject({
    code: 'DISK_FAILED',
    hint: `Check the path, or choose another directory with ${flag}.`,
  })
})
