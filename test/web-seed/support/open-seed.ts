import { onTestFinished } from 'vitest'
import { systemClock } from '../../../src/base/system-clock.ts'
import { openWebSeed, type WebSeedParts } from '../../../src/web-seed/open-web-seed.ts'
import type { NamedBy, WebSeed } from '../../../src/web-seed/web-seed.ts'
import type { Sample } from './sample-content.ts'

/** What a test may want to be other than usual. */
export interface OpenOptions extends Partial<Omit<WebSeedParts, 'content'>> {
  readonly namedBy?: NamedBy
}

/** A web seed of `sample` at `text`, closed when the test is over. */
export function openSeed(
  text: string,
  { content }: Pick<Sample, 'content'>,
  { namedBy = 'operator', ...options }: OpenOptions = {},
): WebSeed {
  const seed = openWebSeed(text, namedBy, { content, clock: systemClock, now: () => new Date(), env: {}, cwd: '/', ...options })
  onTestFinished(() => seed.close())
  return seed
}
