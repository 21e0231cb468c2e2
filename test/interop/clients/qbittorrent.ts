import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Child } from '../../support/child.ts'
import { freePort } from '../../support/free-port.ts'
import { stoppedAtEnd } from '../../support/stopped-at-end.ts'
import { until } from '../../support/until.ts'
import { type Client, isMagnet } from './client.ts'

/** qBittorrent without its window, told what to do through its web interface. */
export const qbittorrent: Client = {
  name: 'qbittorrent',
  probe: ['qbittorrent-nox', '--version'],
  async start({ folder, id, state }) {
    const [port, webPort] = [await freePort(), await freePort()]
    await writeSettings(state, port, webPort)
    const child = stoppedAtEnd(new Child('qbittorrent-nox', [`--profile=${state}`], { env: { ...process.env, HOME: state } }))
    const url = `http://127.0.0.1:${webPort}/api/v2/torrents`
    await until('answer of qBittorrent', async () => ((await fetch(`${url}/info`)).ok ? true : undefined))
    const form = new FormData()
    form.set('savepath', folder)
    if (isMagnet(id)) form.set('urls', id)
    else form.set('torrents', new Blob([await readFile(id)]), 'content.torrent')
    await fetch(`${url}/add`, { method: 'POST', body: form })
    return {
      child,
      port,
      async finished(timeoutMs = 60_000) {
        await until(
          'complete torrent in qBittorrent',
          async () => {
            const [torrent] = (await (await fetch(`${url}/info`)).json()) as { progress: number; state: string }[]
            return torrent?.progress === 1 && /UP$/.test(torrent.state) && !torrent.state.startsWith('checking') ? true : undefined
          },
          timeoutMs,
        )
      },
    }
  },
}

async function writeSettings(state: string, port: number, webPort: number): Promise<void> {
  const folder = join(state, 'qBittorrent/config')
  await mkdir(folder, { recursive: true })
  const lines = [
    '[LegalNotice]',
    'Accepted=true',
    '[BitTorrent]',
    `Session\\Port=${port}`,
    'Session\\Interface=lo',
    'Session\\InterfaceAddress=127.0.0.1',
    'Session\\DHTEnabled=false',
    'Session\\LSDEnabled=false',
    'Session\\MultiConnectionsPerIp=true',
    'Session\\BTProtocol=TCP',
    '[Preferences]',
    'WebUI\\Address=127.0.0.1',
    `WebUI\\Port=${webPort}`,
    'WebUI\\LocalHostAuth=false',
    'WebUI\\CSRFProtection=false',
    'WebUI\\UseUPnP=false',
    '',
  ]
  await writeFile(join(folder, 'qBittorrent.conf'), lines.join('\n'))
}
