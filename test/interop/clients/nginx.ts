import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Child } from '../../support/child.ts'
import { freePort } from '../../support/free-port.ts'
import { isListening } from '../../support/is-listening.ts'
import { stoppedAtEnd } from '../../support/stopped-at-end.ts'
import { until } from '../../support/until.ts'
import type { Identity } from '../../web-seed/support/identities.ts'
import type { Client } from './client.ts'

/** Where it serves the files of a folder, each URL with a slash at its end. */
export interface RunningNginx {
  readonly http: string
  /** HTTP/2 and HTTP/1.1 over TLS. */
  readonly https: string
  /** The protocol and the status of each answer so far. */
  answers(): Promise<readonly string[]>
}

/** The web server, as most mirrors run it. */
export const nginx: Pick<Client, 'name' | 'probe'> & {
  start(root: string, state: string, identity: Identity): Promise<RunningNginx>
} = {
  name: 'nginx',
  probe: ['nginx', '-v'],
  async start(root, state, identity) {
    const plainPort = await freePort()
    const securePort = await freePort()
    await mkdir(state, { recursive: true })
    await writeFile(join(state, 'cert.pem'), identity.cert)
    await writeFile(join(state, 'key.pem'), identity.key, { mode: 0o600 })
    await writeFile(join(state, 'nginx.conf'), configuration(root, state, plainPort, securePort))
    stoppedAtEnd(new Child('nginx', ['-p', state, '-c', join(state, 'nginx.conf')]))
    await until('nginx', () => isListening(securePort))
    return {
      http: `http://127.0.0.1:${plainPort}/`,
      https: `https://127.0.0.1:${securePort}/`,
      answers: async () => (await readFile(join(state, 'access.log'), 'utf8')).trim().split('\n'),
    }
  },
}

/** One process in the foreground, and nothing outside of `state`. */
function configuration(root: string, state: string, plainPort: number, securePort: number): string {
  const folders = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${state}/${name};`)
  return `
    daemon off;
    master_process off;
    pid ${state}/nginx.pid;
    error_log stderr error;
    events { worker_connections 64; }
    http {
      log_format short '$server_protocol $status';
      access_log ${state}/access.log short;
      sendfile on;
      ${folders.join('\n      ')}
      server {
        listen 127.0.0.1:${plainPort};
        listen 127.0.0.1:${securePort} ssl http2;
        ssl_certificate ${state}/cert.pem;
        ssl_certificate_key ${state}/key.pem;
        root ${root};
      }
    }`
}
