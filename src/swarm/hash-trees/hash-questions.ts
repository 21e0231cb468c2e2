import type { Clock } from '../../base/clock.ts'
import { type HashRequest, sameHashRequest } from '../../torrent/hash-request.ts'
import type { HashMessage } from '../../wire/hash-message.ts'
import { LIMITS } from '../limits.ts'
import type { Peer } from '../peer.ts'

/** Something that a peer was asked. */
interface Question {
  readonly request: HashRequest
  readonly sinceMs: number
  /** Called once; without hashes when the peer refused, was too slow, or left. Undefined once it was called. */
  onAnswer: ((hashes: Uint8Array | undefined) => void) | undefined
}

/** Keeps what peers were asked about hashes (BEP 52), and finds what each answer belongs to. */
export class HashQuestions {
  readonly #clock: Clock
  readonly #questions = new Map<Peer, Question[]>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** True if `peer` can be asked one thing more. One that was too slow is not asked until it answers. */
  mayAsk(peer: Peer): boolean {
    const questions = this.#questions.get(peer) ?? []
    return canBeAsked(peer) && questions.length < LIMITS.hashRequestsUnderWay && questions.every(({ onAnswer }) => onAnswer !== undefined)
  }

  /** Sends `request` to `peer`; `onAnswer` is called once, unless `stop` comes first. */
  ask(peer: Peer, request: HashRequest, onAnswer: (hashes: Uint8Array | undefined) => void): void {
    const questions = this.#questions.get(peer) ?? []
    this.#questions.set(peer, questions)
    questions.push({ request, sinceMs: this.#clock.nowMs(), onAnswer })
    peer.link.hashMessage({ kind: 'request', request })
  }

  /** An answer came. False if it answers nothing that was asked. */
  onAnswer(peer: Peer, message: HashMessage): boolean {
    const questions = this.#questions.get(peer) ?? []
    const place = questions.findIndex(({ request }) => sameHashRequest(request, message.request))
    const [question] = place < 0 ? [] : questions.splice(place, 1)
    question?.onAnswer?.(message.kind === 'hashes' ? message.hashes : undefined)
    return question !== undefined
  }

  /** A peer left: nothing that it was asked is answered any more. */
  removePeer(peer: Peer): void {
    const questions = this.#questions.get(peer) ?? []
    this.#questions.delete(peer)
    for (const { onAnswer } of questions) onAnswer?.(undefined)
  }

  /** Gives up what was asked too long ago; an answer that still comes is not held against its sender. */
  onTick(nowMs: number): void {
    const late: Question['onAnswer'][] = []
    for (const question of [...this.#questions.values()].flat()) {
      if (nowMs - question.sinceMs <= LIMITS.hashTimeoutMs) continue
      late.push(question.onAnswer)
      question.onAnswer = undefined
    }
    // Not before all of them are known to be late: whoever hears of it asks somebody else.
    for (const onAnswer of late) onAnswer?.(undefined)
  }

  /** Nobody waits for an answer any more. */
  stop(): void {
    this.#questions.clear()
  }
}

/** True if the peer speaks v2 on this link and knows the info dictionary; libtorrent ends the link with whoever asks before. */
export function canBeAsked({ isClosed, link, extension, pieces, earlyPieces }: Peer): boolean {
  if (isClosed || !link.peer.supportsV2) return false
  return extension?.metadataSizeBytes !== undefined || (pieces?.count ?? 0) > 0 || earlyPieces?.hasAny === true
}
