import type { BlockSource } from './block-source.ts'
import { LIMITS } from './limits.ts'

/** A source whose time is kept here. Web seeds have time-outs of their own, because a server may take its time where a peer may not. */
export interface TimedSource extends BlockSource {
  /** It has been silent for too long; what was asked of it is asked of others. */
  onLate(): void
}

/** What is done about a source that is late. */
export interface LateRequests {
  /** Lets others be asked for what was asked of `source`. */
  releaseRequests(source: BlockSource): void
  fill(source: BlockSource): void
}

/** A source that is of no use, and why. */
export interface LostSource<S extends TimedSource> {
  readonly source: S
  readonly reason: string
}

/** Finds the sources that are late: snubbing ones are asked for little, and those that are of no use at all are returned. */
export function checkTimeOuts<S extends TimedSource>(sources: Iterable<S>, requests: LateRequests, nowMs: number): LostSource<S>[] {
  const lost: LostSource<S>[] = []
  for (const source of sources) {
    if (source.arriving !== undefined && nowMs - source.arrivingSinceMs > LIMITS.blockTimeoutMs) {
      lost.push({ source, reason: 'a block did not end in time' })
    } else if (source.requests.size > 0 && isLate(source, nowMs)) {
      source.onLate()
      requests.releaseRequests(source)
    }
    if (source.isSnubbing && source.silentMs(nowMs) > LIMITS.uselessPeerMs) lost.push({ source, reason: 'sent nothing useful in 60 s' })
    requests.fill(source)
  }
  return lost
}

/** Its silence makes it so, whatever others took over meanwhile; one that is snubbing already gets as long for each thing that it is asked. */
function isLate(source: BlockSource, nowMs: number): boolean {
  const silentMs = source.isSnubbing ? nowMs - Math.max(source.requests.oldestMs, source.lastUsefulMs) : source.silentMs(nowMs)
  return silentMs > LIMITS.requestTimeoutMs
}
