// A webtorrent peer for the tests: one JSON object as the only argument, one JSON object a line on stdout.
//
// Fields: folder, torrent or magnet, and optionally seeding, peers [[host, port]], fast (false leaves the fast extension out).
// Events: {"event": "listening", "port"}, {"event": "metadata"}, {"event": "finished"}, {"event": "peers", "peers": [...]}.
import { readFileSync } from 'node:fs'
// biome-ignore lint/correctness/noUndeclaredDependencies: the class that webtorrent uses; one of our own would be another class
import Wire from 'bittorrent-protocol'
import WebTorrent from 'webtorrent'

const job = JSON.parse(process.argv[2])

function say(event, fields = {}) {
  process.stdout.write(`${JSON.stringify({ event, ...fields })}\n`)
}

// webtorrent 2.8 hands its info-hash, a string, to a function that takes only bytes since uint8-util 2.3.
Object.defineProperty(String.prototype, 'buffer', {
  get() {
    return new TextEncoder().encode(this).buffer
  },
})

if (job.fast === false) {
  const handshake = Wire.prototype.handshake
  Wire.prototype.handshake = function (infoHash, peerId, extensions) {
    return handshake.call(this, infoHash, peerId, { ...extensions, fast: false })
  }
}

const client = new WebTorrent({ dht: false, tracker: false, lsd: false, utp: false, natUpnp: false, natPmp: false })
client.on('error', (error) => {
  say('error', { message: String(error) })
  process.exit(1)
})
client.on('listening', () => say('listening', { port: client.torrentPort }))
const torrent = client.add(job.magnet ?? readFileSync(job.torrent), { path: job.folder, announce: [] })
torrent.on('metadata', () => say('metadata'))
torrent.on('done', () => say('finished'))
torrent.on('wire', (wire, address) => say('peer', { address, fast: wire.hasFast === true, peerFast: wire.peerExtensions?.fast === true }))
torrent.on('warning', (warning) => say('warning', { message: String(warning) }))
const dial = setInterval(() => {
  for (const [host, port] of torrent.done || torrent.wires.length > 0 ? [] : (job.peers ?? [])) torrent.addPeer(`${host}:${port}`)
}, 500)

process.on('SIGTERM', () => {
  clearInterval(dial)
  client.destroy(() => process.exit(0))
})
