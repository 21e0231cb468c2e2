import type { Clock } from '../../base/clock.ts'
import { DistroError } from '../../base/errors.ts'
import { systemClock } from '../../base/system-clock.ts'
import type { WebSeedContent } from '../../web-seed/content.ts'
import type { WebSeed, WebSeedFailure } from '../../web-seed/web-seed.ts'

/** What does not come in this time is taken for a failure. */
const TRIAL_MS = 10_000
/** Of several files it may lack some, but not the first five: such a one would be given up after these. */
const TRIED_FILES = 5

/**
 * Asks a web seed that was just named for one byte of the content, so that a mistyped one is told of to whoever typed it. Throws
 * NETWORK_FAILED with the reason where it gives none within 10 s.
 */
export async function tryWebSeed(webSeed: WebSeed, { info }: WebSeedContent, clock: Clock = systemClock): Promise<void> {
  const files = info.files.filter(({ kind, lengthBytes }) => kind === 'file' && lengthBytes > 0)
  const deadlineMs = clock.nowMs() + TRIAL_MS
  let failure: WebSeedFailure | undefined
  for (const { offsetBytes } of files.slice(0, TRIED_FILES)) {
    failure = await firstByte(webSeed, offsetBytes, clock, deadlineMs)
    if (failure?.lacks === undefined) break
  }
  if (failure === undefined) return
  throw new DistroError('NETWORK_FAILED', `${failure.message} Nothing was changed.`, {
    hint: failure.hint ?? 'Is it named rightly, and does it have the content? Try again once it answers.',
  })
}

/** Why the byte at `begin` did not come; undefined if it did. */
function firstByte(webSeed: WebSeed, begin: number, clock: Clock, deadlineMs: number): Promise<WebSeedFailure | undefined> {
  return new Promise((resolve) => {
    const read = webSeed.read(
      { begin, lengthBytes: 1 },
      {
        onBytes: () => undefined,
        onEnd: (failure) => {
          timer.cancel()
          resolve(failure)
        },
      },
    )
    const timer = clock.after(Math.max(0, deadlineMs - clock.nowMs()), () => {
      read.cancel()
      const message = `${webSeed.label} was tried and gave nothing for ${TRIAL_MS / 1_000} s.`
      resolve({ kind: 'silent', message, isFinal: false, retryAfterMs: undefined })
    })
  })
}
