import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { downloadTorrent } from '../../../src/app/resolve/download-torrent.ts'

const never = new AbortController().signal

/** A web server on loopback that goes away with the test; its URL without a path. */
async function serving(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

describe('downloadTorrent', () => {
  it('reads what a server sends, asking for no compression', async () => {
    const url = await serving((request, response) => response.end(`${request.headers['accept-encoding']} ${request.url}`))
    expect(Buffer.from(await downloadTorrent(`${url}/a?b=c`, never)).toString()).toBe('identity /a?b=c')
  })

  it('follows three redirects and not a fourth', async () => {
    const url = await serving((request, response) => {
      const left = Number(request.url?.slice(1))
      if (left === 0) response.end('here')
      else response.writeHead(302, { location: `/${left - 1}` }).end()
    })
    expect(Buffer.from(await downloadTorrent(`${url}/3`, never)).toString()).toBe('here')
    await expect(downloadTorrent(`${url}/4`, never)).rejects.toMatchObject({
      code: 'NETWORK_FAILED',
      message: expect.stringContaining('redirects'),
    })
  })

  it.each(['file:///etc/passwd', 'ftp://x/', 'javascript:1', 'http://'])('follows no redirect to %s', async (location) => {
    const url = await serving((_request, response) => response.writeHead(301, { location }).end())
    await expect(downloadTorrent(url, never)).rejects.toMatchObject({ code: 'NETWORK_FAILED' })
  })

  it.each([404, 403, 500, 304])('refuses the answer %i', async (status) => {
    const url = await serving((_request, response) => response.writeHead(status).end('no'))
    await expect(downloadTorrent(url, never)).rejects.toMatchObject({
      code: 'NETWORK_FAILED',
      message: expect.stringContaining(String(status)),
    })
  })

  it('stops reading after 10 MB, whatever the server says the length is', async () => {
    let sent = 0
    const url = await serving((_request, response) => {
      const chunk = Buffer.alloc(65_536)
      const more = (): void => {
        while (!response.destroyed && response.write(chunk)) sent += chunk.length
      }
      response.on('drain', more)
      more()
    })
    await expect(downloadTorrent(url, never)).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' })
    expect(sent).toBeLessThan(40_000_000)
  })

  it('says what is wrong when nobody listens, the name is unknown, or the connection breaks', async () => {
    const gone = await serving((request) => request.socket.destroy())
    await expect(downloadTorrent(gone, never)).rejects.toMatchObject({
      code: 'NETWORK_FAILED',
      message: expect.stringMatching(/ cannot be read: the (server broke the connection off|connection failed)/),
    })
    await expect(downloadTorrent('http://127.0.0.1:1/', never)).rejects.toMatchObject({
      message: 'http://127.0.0.1:1/ cannot be read: the server refused the connection.',
    })
    await expect(downloadTorrent('http://name.invalid/', never)).rejects.toMatchObject({ code: 'NAME_NOT_FOUND' })
    const half = await serving((_request, response) => {
      response.writeHead(200, { 'content-length': '100' })
      response.write('half')
      setImmediate(() => response.destroy())
    })
    await expect(downloadTorrent(half, never)).rejects.toMatchObject({ code: 'NETWORK_FAILED' })
  })

  it('keeps passwords and queries out of its messages', async () => {
    const url = await serving((_request, response) => response.writeHead(404).end())
    const secret = `${url.replace('http://', 'http://user:hunter2@')}/x?token=hunter3`
    await expect(downloadTorrent(secret, never)).rejects.toMatchObject({ message: expect.not.stringMatching(/hunter/) })
  })

  it('ends with the reason of the signal', async () => {
    const reason = new RangeError('enough')
    const controller = new AbortController()
    const url = await serving(() => controller.abort(reason))
    await expect(downloadTorrent(url, controller.signal)).rejects.toBe(reason)
  })
})
