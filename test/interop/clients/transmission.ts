import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Child } from '../../support/child.ts'
import { freePort } from '../../support/free-port.ts'
import { stoppedAtEnd } from '../../support/stopped-at-end.ts'
import { until } from '../../support/until.ts'
import { type Client, isMagnet } from './client.ts'

const settings = {
  'bind-address-ipv4': '127.0.0.1',
  'dht-enabled': false,
  'lpd-enabled': false,
  'pex-enabled': true,
  'utp-enabled': false,
  'port-forwarding-enabled': false,
  'rpc-authentication-required': false,
  'rpc-bind-address': '127.0.0.1',
  'rpc-whitelist-enabled': false,
  'rename-partial-files': false,
}

/** transmission-daemon; it takes no loopback address as a peer, so it waits to be dialled. */
export const transmission: Client = {
  name: 'transmission',
  probe: ['transmission-daemon', '--version'],
  async start({ folder, id, state }) {
    const [port, rpcPort] = [await freePort(), await freePort()]
    await writeFile(
      join(state, 'settings.json'),
      JSON.stringify({ ...settings, 'peer-port': port, 'rpc-port': rpcPort, 'download-dir': folder }),
    )
    const child = stoppedAtEnd(new Child('transmission-daemon', ['--foreground', '--config-dir', state]))
    const ask = rpc(rpcPort)
    const source = isMagnet(id) ? { filename: id } : { metainfo: (await readFile(id)).toString('base64') }
    await until('answer of transmission', () => ask('torrent-add', { ...source, 'download-dir': folder, paused: false }))
    return {
      child,
      port,
      async finished(timeoutMs = 60_000) {
        await until(
          'complete torrent in transmission',
          async () => {
            const { torrents } = await ask('torrent-get', { fields: ['percentDone', 'status', 'metadataPercentComplete'] })
            const [torrent] = torrents ?? []
            // 6 is seeding: a complete torrent that is still being checked has another status.
            return torrent?.percentDone === 1 && torrent.status === 6 ? true : undefined
          },
          timeoutMs,
        )
      },
    }
  },
}

interface RpcAnswer {
  readonly torrents?: readonly { readonly percentDone: number; readonly status: number }[]
}

/** Calls transmission's RPC; the first answer is a refusal that carries the session id to use. */
function rpc(port: number): (method: string, words: object) => Promise<RpcAnswer> {
  let session = ''
  const call = (body: string): Promise<Response> =>
    fetch(`http://127.0.0.1:${port}/transmission/rpc`, { method: 'POST', headers: { 'x-transmission-session-id': session }, body })
  return async (method, words) => {
    const body = JSON.stringify({ method, arguments: words })
    let response = await call(body)
    if (response.status === 409) {
      session = response.headers.get('x-transmission-session-id') ?? ''
      response = await call(body)
    }
    const answer = (await response.json()) as { readonly result: string; readonly arguments: RpcAnswer }
    if (answer.result !== 'success') throw new Error(`transmission says: ${answer.result}`)
    return answer.arguments
  }
}
