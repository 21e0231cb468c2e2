import type { Clock, Timer } from '../../base/clock.ts'
import { DistroError } from '../../base/errors.ts'
import { formatCount, formatSeconds, formatSize } from '../../base/format.ts'
import type { Swarm } from '../../swarm/swarm.ts'
import type { SwarmStatus } from '../../swarm/swarm-types.ts'
import { noPeers, type PeerSearch } from './no-peers.ts'

/** After so long without anybody left to ask, a fetch whose peers were all banned has nothing to wait for. */
const ONLY_LIARS_MS = 15_000
/** The same where web seeds alone were there, and nobody else can be found: what came last from them is just being written. */
const NOTHING_LEFT_MS = 1_000

/** What the watch must know of a fetch. */
export interface FetchWatchParts {
  readonly clock: Clock
  /** When the fetch began, by `clock`. */
  readonly startedMs: number
  readonly timeoutMs: number | undefined
  readonly stallTimeoutMs: number | undefined
  readonly swarm: Pick<Swarm, 'status' | 'events'>
  hasMetadata(): boolean
  /** False while pieces cannot be checked, since the hashes of v2 have to come from peers (BEP 52). */
  hasHashes?(): boolean
  /** Who and what was asked for peers, with what came of it: when nobody was found. */
  search(): PeerSearch
  /** True when only peers that connect to us can help. */
  isAlone?(): boolean
  /** Why no web seed can help any more; undefined where one may, or none was there. */
  webSeedDespair?(): DistroError | undefined
  /** Of each web seed that gave nothing so far and failed, the sentence that says why. */
  failedWebSeeds?(): readonly string[]
}

/** Looks four times a second whether a fetch can still succeed in time. */
export class FetchWatch {
  /** Rejects with the `DistroError` that ends the fetch; never resolves. */
  readonly hopeless: Promise<never>
  readonly #ticker: Timer
  readonly #unlisten: () => void
  readonly #parts: FetchWatchParts
  #movedMs: number
  #lastBytes = 0
  #abandonedMs = Number.POSITIVE_INFINITY
  #mostPeers = 0

  constructor(parts: FetchWatchParts) {
    this.#parts = parts
    this.#movedMs = parts.clock.nowMs()
    // Between two looks a peer may come and go.
    this.#unlisten = parts.swarm.events.on('peer', () => this.#countPeers(parts.swarm.status()))
    let fail: (error: DistroError) => void
    this.hopeless = new Promise((_resolve, reject) => {
      fail = reject
    })
    // It may fail while nobody waits for it, such as during a look at the disk; whoever waits next hears of it.
    this.hopeless.catch(() => undefined)
    this.#ticker = parts.clock.every(250, () => {
      const error = this.#look()
      if (error !== undefined) fail(error)
    })
  }

  /** Something moves that `status` does not show, such as a look at the disk: the fetch is not stalled. */
  noteMove(): void {
    this.#movedMs = this.#parts.clock.nowMs()
  }

  stop(): void {
    this.#ticker.cancel()
    this.#unlisten()
  }

  #look(): DistroError | undefined {
    const nowMs = this.#parts.clock.nowMs()
    const status = this.#parts.swarm.status()
    this.#countPeers(status)
    const bytes = status.downloadedBytes - status.wastedBytes + status.bytesDone
    if (bytes !== this.#lastBytes) {
      this.#lastBytes = bytes
      this.#movedMs = nowMs
    }
    const despair = this.#parts.webSeedDespair?.()
    // Where all that were found lied, what is sought may not exist, and there is no use in waiting for more of them.
    const hasOnlyLiars = status.bannedPeers > 0 || despair?.code === 'VERIFY_FAILED'
    const isWithoutHope = hasOnlyLiars || (despair !== undefined && this.#parts.isAlone?.() === true)
    const isAbandoned = isWithoutHope && status.peers === 0 && status.webSeeds === 0
    this.#abandonedMs = isAbandoned ? Math.min(this.#abandonedMs, nowMs) : Number.POSITIVE_INFINITY
    if (nowMs - this.#abandonedMs > ONLY_LIARS_MS) return status.bannedPeers > 0 ? liars(status) : despair
    // Nobody came in all the time, and nobody can be asked to come.
    const isForNobody = isAbandoned && this.#mostPeers === 0 && this.#parts.isAlone?.() === true
    if (isForNobody && nowMs - Math.max(this.#abandonedMs, this.#movedMs) >= NOTHING_LEFT_MS) return despair
    const { startedMs, timeoutMs, stallTimeoutMs } = this.#parts
    if (timeoutMs !== undefined && nowMs - startedMs >= timeoutMs) return this.#late(status, 'INCOMPLETE', timeoutMs)
    if (stallTimeoutMs !== undefined && nowMs - this.#movedMs >= stallTimeoutMs) return this.#late(status, 'STALLED', stallTimeoutMs)
    return undefined
  }

  #countPeers({ peers }: SwarmStatus): void {
    this.#mostPeers = Math.max(this.#mostPeers, peers)
  }

  #late(status: SwarmStatus, code: 'INCOMPLETE' | 'STALLED', waitedMs: number): DistroError {
    const seconds = Math.round(waitedMs / 1_000)
    const time = formatSeconds(seconds)
    if (status.bannedPeers > 0 && status.peers === 0 && status.webSeeds === 0) return liars(status)
    const despair = this.#parts.webSeedDespair?.()
    if (this.#mostPeers === 0 && despair !== undefined) return despair
    if (this.#mostPeers === 0 && status.webSeeds === 0) {
      return noPeers(seconds, this.#parts.search())
    }
    if (!this.#parts.hasMetadata()) {
      const what = `${this.#mostPeers} connected, ${status.metadataRefusals} refused or did not answer`
      return new DistroError('NO_METADATA', `No peer sent the torrent's metadata within ${time} (${what}).`, {
        hint: 'Fetch by the .torrent file instead of the magnet, or try again once the seed is up.',
      })
    }
    if (this.#parts.hasHashes?.() === false) {
      return new DistroError(
        'NO_METADATA',
        `No peer sent the hashes of the torrent's pieces within ${time} (${this.#mostPeers} connected).`,
        {
          hint: 'Fetch by a .torrent file that has its piece layers, or try again once a client that seeds v2 is up.',
        },
      )
    }
    const percent = status.bytesTotal === 0 ? 0 : Math.floor((100 * status.bytesDone) / status.bytesTotal)
    const webSeeds = status.webSeeds === 0 ? '' : `, ${formatCount(status.webSeeds, 'web seed')}`
    const others = `${formatCount(status.peers, 'peer')}, ${formatCount(status.seeds, 'seed')}${webSeeds}`
    const left = `${formatSize(status.bytesTotal - status.bytesDone)} are missing (${percent} % is here, ${others})`
    const sentence = code === 'STALLED' ? `Nothing arrived for ${time}: ${left}.` : `The time of ${time} is over: ${left}.`
    const failures = this.#parts.failedWebSeeds?.() ?? []
    return new DistroError(code, [sentence, ...failures].join(' '), {
      hint: 'What was verified is kept: run the same command again to go on.',
    })
  }
}

function liars(status: SwarmStatus): DistroError {
  const sentence = `Every peer sent wrong data: ${status.bannedPeers} banned, ${formatCount(status.corruptPieces, 'corrupt piece')}, and nobody else is left to ask.`
  return new DistroError('VERIFY_FAILED', sentence, {
    hint: 'Is the published content intact? The pieces that were right are kept.',
  })
}
