/**
 * How long a peer has given nothing of what it was asked for. Time in which nothing is asked of it does not count, and neither does it
 * wash the peer clean: what was taken back from one that did not deliver leaves its clock where it was.
 */
export class Silence {
  #beforeMs = 0
  #sinceMs: number | undefined

  /** Something is asked of the peer. */
  onAsk(nowMs: number): void {
    this.#sinceMs ??= nowMs
  }

  /** Nothing is asked of it any more, and it delivered none of that. */
  onPause(nowMs: number): void {
    if (this.#sinceMs !== undefined) this.#beforeMs += nowMs - this.#sinceMs
    this.#sinceMs = undefined
  }

  /** It gives something useful; `isAsked` if more is asked of it. */
  onDelivery(nowMs: number, isAsked: boolean): void {
    this.#beforeMs = 0
    this.#sinceMs = isAsked ? nowMs : undefined
  }

  /** Milliseconds since the last delivery, or since the first request, in which something was asked. */
  ms(nowMs: number): number {
    return this.#sinceMs === undefined ? this.#beforeMs : this.#beforeMs + nowMs - this.#sinceMs
  }
}
