/** What one end of a link asked for and was told: lets tests see the wire without standing in its way. */
export class LinkTrace {
  isInterested = false
  readonly haves: number[] = []
  keepAlives = 0
  rejects = 0
  cancels = 0
  requests = 0
  blocksSent = 0
  blockBytesSent = 0
  /** Requests under way, by `piece:begin`, with how often each was sent. */
  readonly outstanding: Map<string, number> = new Map()
  /** How often each block was asked for over this link. */
  readonly askedTimes: Map<string, number> = new Map()
  /** Blocks that were asked for while a request for them was under way here. */
  askedTwice = 0
  mostOutstanding = 0

  requested(piece: number, begin: number): void {
    const key = `${piece}:${begin}`
    this.requests++
    if (this.outstanding.has(key)) this.askedTwice++
    this.outstanding.set(key, (this.outstanding.get(key) ?? 0) + 1)
    this.askedTimes.set(key, (this.askedTimes.get(key) ?? 0) + 1)
    this.mostOutstanding = Math.max(this.mostOutstanding, this.outstanding.size)
  }

  cancelled(piece: number, begin: number): void {
    this.cancels++
    this.outstanding.delete(`${piece}:${begin}`)
  }

  answered(piece: number, begin: number): void {
    this.outstanding.delete(`${piece}:${begin}`)
  }

  forget(): void {
    this.outstanding.clear()
  }
}
