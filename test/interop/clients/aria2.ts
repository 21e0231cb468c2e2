import { access, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Child } from '../../support/child.ts'
import { freePort } from '../../support/free-port.ts'
import { stoppedAtEnd } from '../../support/stopped-at-end.ts'
import { until } from '../../support/until.ts'
import type { Client } from './client.ts'

/** aria2c; it cannot be given a peer, so it waits to be dialled or asks the DHT. */
export const aria2: Client = {
  name: 'aria2',
  probe: ['aria2c', '--version'],
  async start({ folder, id, dhtBootstrap, state }) {
    const port = await freePort()
    const dht =
      dhtBootstrap === undefined
        ? ['--enable-dht=false']
        : [
            '--enable-dht=true',
            `--dht-listen-port=${port}`,
            `--dht-entry-point=${dhtBootstrap[0]?.join(':')}`,
            `--dht-file-path=${join(state, 'dht.dat')}`,
          ]
    const whole = join(state, 'whole')
    const hook = join(state, 'when-whole')
    await writeFile(hook, `#!/bin/sh\n: >'${whole}'\n`, { mode: 0o755 })
    const words = [
      ...dht,
      `--dir=${folder}`,
      `--listen-port=${port}`,
      `--stop-with-process=${process.pid}`,
      `--on-bt-download-complete=${hook}`,
      '--no-conf=true',
      '--enable-dht6=false',
      '--bt-enable-lpd=false',
      '--disable-ipv6=true',
      '--check-integrity=true',
      '--allow-overwrite=true',
      '--file-allocation=none',
      '--seed-ratio=0',
      '--summary-interval=0',
      '--show-console-readout=false',
      '--enable-color=false',
      '--console-log-level=notice',
      id,
    ]
    const child = stoppedAtEnd(new Child('aria2c', words))
    await child.find('listening', (line) => (line.includes('listening on TCP port') ? line : undefined))
    return {
      child,
      port,
      async finished(timeoutMs = 60_000) {
        const isWhole = (): boolean => child.stdout.some((line) => line.includes('Verification finished successfully'))
        await until('complete torrent in aria2', async () => isWhole() || (await access(whole).then(() => true)), timeoutMs)
      },
    }
  },
}
