import type { Clock } from '../../base/clock.ts'
import type { RateLimit } from '../../base/rate-limit.ts'
import type { MerkleTrees } from '../../torrent/merkle-trees.ts'
import type { HashMessage } from '../../wire/hash-message.ts'
import type { Peer } from '../peer.ts'
import type { SwarmOptions } from '../swarm-types.ts'
import type { TorrentSession } from '../torrent-session.ts'
import { HashQuestions } from './hash-questions.ts'
import { HashServer } from './hash-server.ts'
import { LayerSearch } from './layer-search.ts'
import { LeafSearch } from './leaf-search.ts'

/** What the exchange of hashes needs of the swarm. */
export interface HashExchangeParts {
  readonly clock: Clock
  readonly upLimit: RateLimit
  readonly peers: ReadonlyMap<number, Peer>
  torrent(): TorrentSession | undefined
  /** The peer sent hashes that do not prove out. */
  onLiar(peer: Peer): void
}

/** Asks peers for hashes of merkle trees and gives them those that they ask for (BEP 52). */
export class HashExchange {
  readonly #parts: HashExchangeParts
  readonly #questions: HashQuestions
  readonly #server: HashServer
  #layers: LayerSearch | undefined
  #leaves: LeafSearch | undefined
  #endSearch: (() => void) | undefined
  #isStopped = false

  constructor(parts: HashExchangeParts) {
    this.#parts = parts
    this.#questions = new HashQuestions(parts.clock)
    this.#server = new HashServer(parts)
  }

  /** That of a swarm. */
  static of(
    { clock, upLimit }: SwarmOptions,
    peers: ReadonlyMap<number, Peer>,
    torrent: () => TorrentSession | undefined,
    onLiar: (peer: Peer) => void,
  ): HashExchange {
    return new HashExchange({ clock, upLimit, peers, torrent, onLiar })
  }

  /**
   * Asks peers for what `trees` lacks; true once it lacks nothing. False if we leave before, and where it is not required also when no
   * connected peer is left that might give it. One search at a time.
   */
  async seek(trees: MerkleTrees, isRequired: boolean): Promise<boolean> {
    if (this.#isStopped || trees.isComplete) return trees.isComplete
    const { clock, peers, onLiar } = this.#parts
    return await new Promise((resolve) => {
      const end = (isComplete: boolean): void => {
        this.#layers = undefined
        this.#endSearch = undefined
        resolve(isComplete)
      }
      this.#endSearch = () => end(false)
      this.#layers = new LayerSearch({ clock, peers, questions: this.#questions, trees, isRequired, onLiar, onEnd: end })
      this.#layers.look()
    })
  }

  /** `piece` is wrong, and it is not clear who of those that sent it is to blame. */
  onDoubt(piece: number): void {
    const { torrent, peers, onLiar } = this.#parts
    const { trees, downloader } = torrent() ?? {}
    if (trees === undefined || downloader === undefined) return
    this.#leaves ??= new LeafSearch({
      peers,
      questions: this.#questions,
      trees,
      isInDoubt: (doubtful) => downloader.isInDoubt(doubtful),
      onLeaves: (known, leaves) => downloader.onLeaves(known, leaves),
      onLiar,
    })
    this.#leaves.onDoubt(piece)
  }

  onMessage(peer: Peer, message: HashMessage): void {
    if (message.kind === 'request') this.#server.onRequest(peer, message.request)
    else if (!this.#questions.onAnswer(peer, message) && message.kind === 'hashes') peer.link.close('sent hashes that nobody asked for')
  }

  /** A peer came or told more of itself: maybe it can be asked. */
  look(): void {
    this.#layers?.look()
    this.#leaves?.look()
  }

  removePeer(peer: Peer): void {
    this.#server.removePeer(peer)
    this.#questions.removePeer(peer)
    this.look()
  }

  /** Called once a second. */
  onTick(nowMs: number): void {
    this.#questions.onTick(nowMs)
    this.look()
  }

  stop(): void {
    this.#isStopped = true
    this.#questions.stop()
    this.#server.stop()
    this.#endSearch?.()
  }
}
