import { expect, it } from 'vitest'
import type { VerbEvents } from '../../../src/app/events.ts'
import { FetchLanding } from '../../../src/app/fetch/fetch-landing.ts'
import type { FetchRequest } from '../../../src/app/fetch/fetch-request.ts'
import { DistroError } from '../../../src/base/errors.ts'
import { Events } from '../../../src/base/events.ts'

const hintFor = (releases: FetchRequest['releases']): string | undefined => {
  const landing = new FetchLanding({ releases, outDir: '/srv' } as FetchRequest, new Events<VerbEvents>())
  const error = landing.explain(new DistroError('DISK_FAILED', 'It is read-only.', { hint: 'Choose another directory with --out.' }))
  return error instanceof DistroError ? error.hint : undefined
}

it('a hint about the folder speaks of the option that named it', () => {
  expect(hintFor(undefined)).toBe('Choose another directory with --out.')
  expect(hintFor({ keep: undefined })).toBe('Choose another directory with --releases.')
})
