import { LIMITS } from './limits.ts'
import { nearFirst } from './near-first.ts'

/** What the choker must know of a peer, and what it may do to it. */
export interface ChokeCandidate {
  readonly isInterested: boolean
  readonly amChoking: boolean
  readonly isSnubbing: boolean
  /** When it was last unchoked. */
  readonly unchokedMs: number
  /** Bytes sent to it since then. */
  readonly turnBytes: number
  readonly connectedMs: number
  readonly downMeter: { bytesPerSecond(): number }
  readonly upMeter: { bytesPerSecond(): number }
}

/** What the choker works with. */
export interface ChokerParts<Candidate extends ChokeCandidate> {
  readonly slots: number
  candidates(): Iterable<Candidate>
  /** True when we have everything: then peers are ranked by what they take instead of by what they give. */
  isSeeding(): boolean
  /** True while we have pieces that nobody else has. */
  isSpreading?(): boolean
  choke(candidate: Candidate): void
  unchoke(candidate: Candidate): void
  /** True for those of other zones, which come last when slots are scarce, but for one. */
  isAway?(candidate: Candidate): boolean
  /** A whole number from 0 up to, not including, `limit`. */
  below(limit: number): number
}

const ROUND_MS = 10_000
const OPTIMISTIC_MS = 30_000
/** A peer that is being served may go on for so long before another takes its turn. */
const TURN_MS = 20_000
const TURN_BYTES = 64 * 1_048_576
/** Where turns do not end, whoever takes less than this share of what the others take loses its place all the same. */
const FAIR_SHARE = 0.25

/**
 * Who may ask for blocks. A free slot goes at once to whoever is interested: nobody waits for a round to begin. When there are
 * more interested peers than slots, those that give us most keep theirs and one slot, the optimistic one, goes round (BEP 3).
 * A seed has nothing to gain, so there everybody takes turns.
 */
export class Choker<Candidate extends ChokeCandidate> {
  readonly #parts: ChokerParts<Candidate>
  /** True when every slot was taken when last looked; whoever frees one has us look again. */
  #isFull = false
  #optimistic: Candidate | undefined
  #roundMs = Number.NEGATIVE_INFINITY
  #optimisticMs = Number.NEGATIVE_INFINITY

  constructor(parts: ChokerParts<Candidate>) {
    this.#parts = parts
  }

  /** False if the interest of `candidate`, which just changed, changes nothing for anybody: in a large swarm that is nearly always so. */
  concerns(candidate: Candidate): boolean {
    return candidate.isInterested ? candidate.amChoking && !this.#isFull : !candidate.amChoking
  }

  /** A peer became interested, lost interest or left: free slots are given away at once. */
  onChange(): void {
    let free = this.#parts.slots
    let isSomebodyWaiting = false
    for (const candidate of this.#parts.candidates()) {
      if (candidate.isInterested) {
        if (candidate.amChoking) isSomebodyWaiting = true
        else free--
      } else if (!candidate.amChoking) this.#parts.choke(candidate)
    }
    this.#isFull = free <= 0
    if (!this.#isFull && isSomebodyWaiting) this.#giveAway(free)
  }

  #giveAway(free: number): void {
    const interested = [...this.#parts.candidates()].filter((candidate) => candidate.isInterested)
    const waiting = interested.filter((candidate) => candidate.amChoking)
    const isAwayServed = interested.some((candidate) => !candidate.amChoking && this.#isAway(candidate))
    waiting.sort((first, second) => first.unchokedMs - second.unchokedMs || first.connectedMs - second.connectedMs)
    this.#isFull = waiting.length >= free
    for (const candidate of nearFirst(waiting, free, this.#isAway, isAwayServed).slice(0, free)) this.#parts.unchoke(candidate)
  }

  /** Called once a second; every 10 s the slots are given out anew, every 30 s the optimistic one. */
  onTick(nowMs: number): void {
    this.onChange()
    if (nowMs - this.#roundMs < ROUND_MS) return
    this.#roundMs = nowMs
    const interested = [...this.#parts.candidates()].filter((candidate) => candidate.isInterested)
    if (interested.length <= this.#parts.slots) return
    const chosen = this.#parts.isSeeding() ? this.#byTurn(interested, nowMs) : this.#byRate(interested, nowMs)
    for (const candidate of interested) {
      if (chosen.has(candidate)) {
        if (candidate.amChoking) this.#parts.unchoke(candidate)
      } else if (!candidate.amChoking) this.#parts.choke(candidate)
    }
  }

  readonly #isAway = (candidate: Candidate): boolean => this.#parts.isAway?.(candidate) === true

  #byRate(interested: Candidate[], nowMs: number): Set<Candidate> {
    const score = (candidate: Candidate): number => (candidate.isSnubbing ? -1 : candidate.downMeter.bytesPerSecond())
    const byScore = interested.toSorted((first, second) => score(second) - score(first))
    const ranked = nearFirst(byScore, this.#parts.slots - 1, this.#isAway)
    const chosen = new Set(ranked.slice(0, this.#parts.slots - 1))
    const others = ranked.slice(this.#parts.slots - 1)
    if (nowMs - this.#optimisticMs >= OPTIMISTIC_MS || this.#optimistic === undefined || !others.includes(this.#optimistic)) {
      this.#optimisticMs = nowMs
      this.#optimistic = others[this.#parts.below(others.length)]
    }
    if (this.#optimistic !== undefined) chosen.add(this.#optimistic)
    return chosen
  }

  /**
   * Those whose turn is not over yet, the fastest first, then those that have waited longest. As long as we have pieces that nobody else
   * has, turns do not end by time: whoever is choked in the middle of such a piece leaves it half done, and it has to be sent again.
   */
  #byTurn(interested: Candidate[], nowMs: number): Set<Candidate> {
    const isYoung = ({ unchokedMs, turnBytes }: Candidate): boolean => nowMs - unchokedMs < TURN_MS && turnBytes < TURN_BYTES
    const leastRate = this.#parts.isSpreading?.() === true ? FAIR_SHARE * meanRate(interested) : Number.POSITIVE_INFINITY
    const hasTurn = (candidate: Candidate): boolean =>
      !candidate.amChoking && (isYoung(candidate) || candidate.upMeter.bytesPerSecond() >= leastRate)
    const served = interested.filter(hasTurn).toSorted((first, second) => second.upMeter.bytesPerSecond() - first.upMeter.bytesPerSecond())
    // Whoever is choked goes before those whose turn is over: they would be the first of the line again and never leave.
    const waiting = interested
      .filter((candidate) => !hasTurn(candidate))
      .toSorted((first, second) => Number(second.amChoking) - Number(first.amChoking) || first.unchokedMs - second.unchokedMs)
    // One slot goes round in every round, however well the others are served.
    const keeping = served.slice(0, this.#parts.slots - 1)
    const line = [...keeping, ...waiting, ...served.slice(this.#parts.slots - 1)]
    return new Set(nearFirst(line, this.#parts.slots, this.#isAway).slice(0, this.#parts.slots))
  }
}

/** What each of those that are served takes on average, in bytes a second. */
function meanRate(candidates: readonly ChokeCandidate[]): number {
  const rates = candidates.filter(({ amChoking }) => !amChoking).map(({ upMeter }) => upMeter.bytesPerSecond())
  return rates.reduce((sum, rate) => sum + rate, 0) / Math.max(1, rates.length)
}

/** How many peers may ask at a time when `bytesPerSecond` may be sent: each is to get a rate that is worth having. */
export function uploadSlots(bytesPerSecond: number): number {
  const affordable = Math.floor(bytesPerSecond / LIMITS.slotBytesPerSecond)
  return Math.max(LIMITS.fewestUnchokedPeers, Math.min(LIMITS.unchokedPeers, affordable))
}
