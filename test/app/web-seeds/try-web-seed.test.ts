import { describe, expect, it } from 'vitest'
import { tryWebSeed } from '../../../src/app/web-seeds/try-web-seed.ts'
import type { WebSeed } from '../../../src/web-seed/web-seed.ts'
import { MovingClock } from '../../discovery/support/moving-clock.ts'
import { openSeed } from '../../web-seed/support/open-seed.ts'
import { folder } from '../../web-seed/support/sample-content.ts'
import { serveContent } from '../../web-seed/support/serve-content.ts'
import { startServer } from '../../web-seed/support/web-server.ts'

const names = ['a', 'b', 'c', 'd', 'e', 'f']
const tree = folder(
  'tree',
  names.map((name) => [name, 10_000] as const),
)

describe('a web seed that is tried', () => {
  it('is asked for one byte', async () => {
    const server = await startServer(serveContent({ '/tree/a': tree.fileBytes('a') }))
    await tryWebSeed(openSeed(server.url, tree), tree.content)
    expect(server.requests.map(({ url, headers }) => [url, headers.range])).toEqual([['/tree/a', 'bytes=0-0']])
  })

  it('may lack four files before one that it has', async () => {
    const server = await startServer(serveContent({ '/tree/e': tree.fileBytes('e') }))
    await tryWebSeed(openSeed(server.url, tree), tree.content)
    expect(server.requests).toHaveLength(5)
  })

  it('is refused where it lacks the first five, with what to do about it', async () => {
    const server = await startServer(serveContent({ '/tree/f': tree.fileBytes('f') }))
    await expect(tryWebSeed(openSeed(`${server.url}tree/`, tree), tree.content)).rejects.toMatchObject({
      code: 'NETWORK_FAILED',
      message: expect.stringMatching(/\/tree\/tree\/e answers with HTTP status 404: it does not have the file\. Nothing was changed\.$/),
      hint: `tree/ is looked for below the URL: try ${server.url}.`,
    })
    expect(server.requests).toHaveLength(5)
  })

  it('is refused where it cannot be reached', async () => {
    await expect(tryWebSeed(openSeed('http://127.0.0.1:9/', tree), tree.content)).rejects.toMatchObject({
      code: 'NETWORK_FAILED',
      message: expect.stringContaining('nothing listens there. Nothing was changed.'),
    })
  })

  it('is refused after 10 s of silence, and its read is ended', async () => {
    const clock = new MovingClock()
    let open = 0
    const silent: WebSeed = {
      label: 'silent',
      read: () => {
        open++
        return { pause: () => undefined, resume: () => undefined, cancel: () => open-- }
      },
      close: async () => undefined,
    }
    const trial = tryWebSeed(silent, tree.content, clock)
    const refusal = expect(trial).rejects.toMatchObject({ message: 'silent was tried and gave nothing for 10 s. Nothing was changed.' })
    await clock.move(9_000)
    expect(open).toBe(1)
    await clock.move(1_000)
    await refusal
    expect([open, clock.pendingCount]).toEqual([0, 0])
  })
})
