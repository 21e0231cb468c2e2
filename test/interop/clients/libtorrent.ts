import { type ScriptedClientKind, startPeerScript } from './json-client.ts'

const script = 'test/interop/clients/libtorrent-peer.py'

/** libtorrent (rasterbar) through Debian's Python binding: the engine of qBittorrent and Deluge. */
export const libtorrent: ScriptedClientKind = {
  name: 'libtorrent',
  probe: ['/usr/bin/python3', '-c', 'import libtorrent'],
  start: (job) => startPeerScript(['/usr/bin/python3', script], job, {}),
}
