import { formatAddress } from '../../base/address.ts'
import type { DistroError } from '../../base/errors.ts'
import type { RateLimit } from '../../base/rate-limit.ts'
import { systemClock } from '../../base/system-clock.ts'
import type { SeedStore } from '../../store/seed-store.ts'
import { PieceGeometry } from '../../torrent/piece-geometry.ts'
import { ContentServer } from '../../web-server/content-server.ts'
import type { HttpTraffic } from '../events.ts'
import type { Publication } from './publish.ts'

/** What serving over HTTP takes. */
export interface HttpServing {
  readonly publication: Publication
  readonly store: SeedStore
  /** 0 for any free port. */
  readonly port: number
  readonly bindAddress: string | undefined
  /** Addresses at which others reach this machine. */
  readonly hosts: readonly string[]
  /** Shared with the peers. */
  readonly limit: RateLimit
}

/** The published tree as a web seed for others. */
export interface HttpService extends AsyncDisposable {
  /** Where it is, one for each address of this machine: what a torrent and a magnet name as web seeds. */
  readonly urls: readonly string[]
  /** Rejects when the content is no longer what was published. */
  readonly broken: Promise<never>
  readonly traffic: HttpTraffic
  readonly bytesPerSecond: number
  /** Gives out the .torrent too. */
  addTorrent(bytes: Uint8Array): void
}

/** Throws LISTEN_FAILED if HTTP could not be served there, so that long work before it is not done in vain. */
export function checkHttp(bindAddress: string | undefined, port: number): Promise<void> {
  return ContentServer.check(bindAddress, port)
}

/** Begins to serve a publication over HTTP. Throws LISTEN_FAILED. */
export async function serveHttp({ publication, store, port, bindAddress, hosts, limit }: HttpServing): Promise<HttpService> {
  const { info, infoHash } = publication.metainfo
  const geometry = new PieceGeometry(info)
  let fail: (error: DistroError) => void = () => undefined
  const broken = new Promise<never>((_resolve, reject) => {
    fail = reject
  })
  broken.catch(() => undefined)
  const server = await ContentServer.start({
    clock: systemClock,
    host: bindAddress,
    port,
    limit,
    content: {
      info,
      infoHash,
      modifiedMs: (file) => {
        const stamp = publication.stamps[file]
        return stamp === undefined ? undefined : Number(stamp.mtimeNs / 1_000_000n)
      },
      sourceOf: (file) => {
        const start = info.files[file]?.offsetBytes ?? 0
        return {
          read: (offsetBytes, body, done) => {
            const piece = geometry.pieceAt(start + offsetBytes)
            store.read(piece, start + offsetBytes - geometry.pieceOffset(piece), [body], done)
          },
          confirm: (offsetBytes, lengthBytes, done) => store.confirm(file, offsetBytes, lengthBytes, done),
        }
      },
    },
    onUnreadable: (error) => fail(error),
  })
  return {
    urls: hosts.map((host) => `http://${formatAddress({ host, port: server.port })}/`),
    broken,
    get traffic() {
      return { bytesServed: server.bytesServed, connections: server.connections }
    },
    get bytesPerSecond() {
      return server.bytesPerSecond
    },
    addTorrent: (bytes) => server.addTorrent(bytes),
    [Symbol.asyncDispose]: () => server.close(),
  }
}
