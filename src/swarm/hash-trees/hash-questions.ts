import type { Clock } from '../../base/clock.ts'
import { type HashRequest, sameHashRequest } from '../../torrent/hash-request.ts'
import type { HashMessage } from '../../wire/hash-message.ts'
import { LIMITS } from '../limits.ts'
import { type OnAnswer, OpenQuestions } from '../open-questions.ts'
import type { Peer } from '../peer.ts'

/** Keeps what peers were asked about hashes (BEP 52), and finds what each answer belongs to. */
export class HashQuestions {
  readonly #open: OpenQuestions<Peer, HashRequest>

  constructor(clock: Clock) {
    this.#open = new OpenQuestions(clock, LIMITS.hashTimeoutMs)
  }

  /** True if `peer` can be asked one thing more. One that was too slow is not asked until it answers. */
  mayAsk(peer: Peer): boolean {
    return canBeAsked(peer) && this.#open.countOf(peer) < LIMITS.hashRequestsUnderWay && !this.#open.isLate(peer)
  }

  /** Sends `request` to `peer`; `onAnswer` is called once, unless `stop` comes first. */
  ask(peer: Peer, request: HashRequest, onAnswer: OnAnswer): void {
    this.#open.add(peer, request, onAnswer)
    peer.link.hashMessage({ kind: 'request', request })
  }

  /** An answer came. False if it answers nothing that was asked. */
  onAnswer(peer: Peer, message: HashMessage): boolean {
    const answered = this.#open.take(peer, (request) => sameHashRequest(request, message.request))
    answered?.onAnswer?.(message.kind === 'hashes' ? message.hashes : undefined)
    return answered !== undefined
  }

  /** A peer left: nothing that it was asked is answered any more. */
  removePeer(peer: Peer): void {
    this.#open.removePeer(peer)
  }

  /** Gives up what was asked too long ago. */
  onTick(nowMs: number): void {
    this.#open.check(nowMs)
  }

  /** Nobody waits for an answer any more. */
  stop(): void {
    this.#open.clear()
  }
}

/** True if the peer speaks v2 on this link and knows the info dictionary; libtorrent ends the link with whoever asks before. */
export function canBeAsked({ isClosed, link, extension, pieces, earlyPieces }: Peer): boolean {
  if (isClosed || !link.peer.supportsV2) return false
  return extension?.metadataSizeBytes !== undefined || (pieces?.count ?? 0) > 0 || earlyPieces?.hasAny === true
}
