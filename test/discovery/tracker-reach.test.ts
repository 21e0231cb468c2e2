import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../src/base/system-clock.ts'
import { TrackerHttp } from '../../src/discovery/tracker-http.ts'
import { isWithinReach, trackerScope } from '../../src/discovery/tracker-reach.ts'

describe('a tracker URL', () => {
  it.each([
    ['http://10.0.0.5/announce', 'host'],
    ['http://10.0.0.5:6969/0123abcd/announce', 'host'],
    ['https://tracker.example/announce.php', 'host'],
    ['udp://10.0.0.5:6969', 'host'],
    ['http://10.0.0.5/admin/delete', 'public'],
    ['http://10.0.0.5/', 'public'],
    ['http://10.0.0.5/announce?do=this', 'public'],
    ['http://10.0.0.5/announce/../admin', 'public'],
  ] as const)('of a stranger, %s, reaches as far as %s', (url, scope) => {
    expect(trackerScope(new URL(url), false)).toBe(scope)
  })

  it('that the person typed may lead anywhere but where nobody should', () => {
    expect(trackerScope(new URL('http://10.0.0.5/admin?x=1'), true)).toBe('host')
    expect(isWithinReach(new URL('http://169.254.169.254/announce'), 'host')).toBe(false)
    expect(isWithinReach(new URL('http://127.0.0.1/announce'), 'host')).toBe(true)
    expect(isWithinReach(new URL('http://[::1]/x'), 'public')).toBe(false)
  })

  it('that leads inside a network and is no announce URL is never asked, by address or by name', async () => {
    let asked = 0
    const server = createServer((_request, response) => {
      asked++
      response.end()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const { port } = server.address() as AddressInfo
    const announce = {
      infoHash: new Uint8Array(20),
      peerId: new Uint8Array(20),
      listenPort: 1,
      uploadedBytes: 0,
      downloadedBytes: 0,
      bytesLeft: 1,
      event: undefined,
      peersWanted: 1,
      key: 1,
    }
    for (const host of ['127.0.0.1', 'localhost']) {
      const url = new URL(`http://${host}:${port}/admin?x=1`)
      const reply = await new TrackerHttp(url, systemClock, trackerScope(url, false)).announce(announce, new AbortController().signal)
      expect(reply.ok).toBe(false)
    }
    expect(asked).toBe(0)
  })
})
