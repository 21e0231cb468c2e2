import { type ScriptedClientKind, startPeerScript } from './json-client.ts'

const command = [process.execPath, 'test/interop/clients/webtorrent-peer.js']

/** The webtorrent package, over TCP. */
export const webtorrent: ScriptedClientKind = {
  name: 'webtorrent',
  probe: [process.execPath, '--version'],
  start: (job) => startPeerScript(command, job, {}),
}

/** The same with the fast extension (BEP 6) left out of its handshake. */
export const webtorrentWithoutFast: ScriptedClientKind = {
  name: 'webtorrent without the fast extension',
  probe: webtorrent.probe,
  start: (job) => startPeerScript(command, job, { fast: false }),
}
