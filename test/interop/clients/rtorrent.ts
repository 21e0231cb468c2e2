import { access, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Child } from '../../support/child.ts'
import { freePort } from '../../support/free-port.ts'
import { isListening } from '../../support/is-listening.ts'
import { stoppedAtEnd } from '../../support/stopped-at-end.ts'
import { until } from '../../support/until.ts'
import type { Client } from './client.ts'

/** rTorrent without its terminal face; it waits to be dialled. */
export const rtorrent: Client = {
  name: 'rtorrent',
  probe: ['rtorrent', '-h'],
  async start({ folder, id, state }) {
    const port = await freePort()
    const whole = join(state, 'whole')
    const settings = [
      'system.daemon.set = true',
      `directory.default.set = ${folder}`,
      `session.path.set = ${state}`,
      `network.port_range.set = ${port}-${port}`,
      'network.port_random.set = no',
      'network.bind_address.set = 127.0.0.1',
      // Without a DHT it takes no torrent that names no tracker; with no node to start from it contacts nobody.
      'dht.mode.set = auto',
      `dht.port.set = ${port}`,
      'protocol.pex.set = yes',
      'trackers.use_udp.set = no',
      `method.set_key = event.download.hash_done, whole, "branch=d.complete=,\\"execute.nothrow=touch,${whole}\\""`,
      `method.set_key = event.download.finished, whole, "execute.nothrow=touch,${whole}"`,
      `schedule2 = load, 0, 0, "load.start=\\"${id}\\""`,
      '',
    ]
    await writeFile(join(state, 'rtorrent.rc'), settings.join('\n'))
    const child = stoppedAtEnd(new Child('rtorrent', ['-n', '-o', `import=${join(state, 'rtorrent.rc')}`]))
    await until('port of rtorrent', () => isListening(port))
    return {
      child,
      port,
      async finished(timeoutMs = 60_000) {
        await until('complete torrent in rtorrent', () => access(whole).then(() => true), timeoutMs)
      },
    }
  },
}
