import type { Clock, Timer } from '../../base/clock.ts'
import type { Random } from '../../base/random.ts'
import type { NamedBy, WebSeed } from '../../web-seed/web-seed.ts'
import type { BlockSource } from '../block-source.ts'
import type { Downloader } from '../downloader.ts'
import type { PieceLayout } from '../piece-layout.ts'
import type { PieceStore } from '../piece-store.ts'
import { WebSeedClaims } from './web-seed-claims.ts'
import { type HelpfulPeer, type WebSeedMode, WebSeedNeed } from './web-seed-need.ts'
import { WebSeedSource } from './web-seed-source.ts'
import { WebSeedTurn } from './web-seed-turn.ts'

/** While others are at everything that is left, we look again this often: what they left behind should not wait. */
const LOOK_AGAIN_MS = 250

/** Of what comes in one read, under a limit, as much is taken at once as it lets through in this time. */
const READ_SECONDS = 0.05

/** How a web seed does. */
export interface WebSeedStatus {
  readonly webSeed: WebSeed
  /** Its URL without what may be secret, or its path. */
  readonly label: string
  readonly namedBy: NamedBy
  /**
   * `active`: something is on its way; `idle`: nothing is asked of it now; `waiting`: it is left alone for a while after a failure; `out`: it is
   * not asked again, or has nothing of what is to come; `leaving`: it was replaced, and what was asked of it before is still on its way.
   */
  readonly state: 'active' | 'idle' | 'waiting' | 'out' | 'leaving'
  readonly downloadedBytes: number
  readonly bytesPerSecond: number
  /** Failures in a row, but not that it was busy. */
  readonly strikes: number
  readonly lastFailure: string | undefined
  /** Until it is asked again; undefined unless it is waiting. */
  readonly retryInMs: number | undefined
}

/** A web seed failed; one sentence, what to do about it if anything in particular, whether it is not asked again, and whether that is because it sent wrong data. */
export interface WebSeedFailureEvent {
  readonly message: string
  readonly hint?: string | undefined
  readonly isOut: boolean
  readonly hasLied: boolean
}

/** What the web seeds of a swarm work with. */
export interface WebSeedsParts {
  readonly clock: Clock
  readonly random: Random
  readonly mode: WebSeedMode
  /** The limit on what comes in, in bytes; infinite for none. */
  readonly downBytesPerSecond: number
  /** How long a host that knows what to fetch waits for peers before it turns to a web seed. */
  readonly delayMs: number
  readonly layout: PieceLayout
  readonly store: PieceStore
  readonly downloader: Downloader
  readonly peers: ReadonlyMap<number, HelpfulPeer>
  /** Everything that blocks come from: web seeds enter and leave it. */
  readonly sources: Map<number, BlockSource>
  /** Addresses of peers that are known and not connected. */
  knownAddresses(): number
  nextNumber(): number
  /** Bytes came from the network: rate limits. */
  onReceived(bytes: number): void
  /** One is about to be asked: when nothing may come for a moment, it waits too. */
  onJoin(source: WebSeedSource): void
  onFailure(failure: WebSeedFailureEvent): void
  /** Nothing is on its way any more from one that was removed: it may be closed. */
  onLeft(webSeed: WebSeed): void
}

/** The web seeds of a swarm, which come and go while it runs. */
export class WebSeeds {
  readonly #parts: WebSeedsParts
  readonly #need: WebSeedNeed
  readonly #seeds = new Set<WebSeedSource>()
  /** Taken out of the list, with ranges still on their way. */
  readonly #leaving = new Set<WebSeedSource>()
  /** What each was called that was ever asked, by the name under which it answers: guilt is often proved after it has left. */
  readonly #labels = new Map<string, string>()
  readonly #liars = new Set<string>()
  readonly #startedMs: number
  readonly #turn: WebSeedTurn
  readonly #claims: WebSeedClaims
  #timer: Timer | undefined
  #lookAgain: Timer | undefined
  #departedBytes = 0
  /** At the last tick. */
  #ownBytes = 0
  #heardPieces = 0

  constructor(parts: WebSeedsParts) {
    this.#parts = parts
    this.#startedMs = parts.clock.nowMs()
    const { mode, peers, downloader } = parts
    this.#need = new WebSeedNeed({
      mode,
      peers,
      downBytesPerSecond: parts.downBytesPerSecond,
      knownAddresses: () => parts.knownAddresses(),
      content: downloader.supply,
    })
    this.#claims = new WebSeedClaims(parts.layout.pieceCount)
    this.#turn = new WebSeedTurn(parts.random)
  }

  /** Block bytes that came from all of them since the start. */
  get downloadedBytes(): number {
    let bytes = this.#departedBytes
    for (const { downMeter } of this.#all()) bytes += downMeter.totalBytes
    return bytes
  }

  get bytesPerSecond(): number {
    let sum = 0
    for (const { downMeter } of this.#all()) sum += downMeter.bytesPerSecond()
    return sum
  }

  /** How many of them may still be asked, now or later. */
  get usable(): number {
    let count = 0
    for (const source of this.#seeds) if (!this.#isOut(source)) count++
    return count
  }

  /** Asks `webSeed` too from now on. */
  add(webSeed: WebSeed, namedBy: NamedBy): void {
    const { clock, layout, store, downloader, sources } = this.#parts
    const source: WebSeedSource = new WebSeedSource({
      number: this.#parts.nextNumber(),
      clock,
      webSeed,
      namedBy,
      layout,
      blockMemory: store.blockMemory,
      carriesBytes: store.carriesBytes !== false,
      need: this.#need,
      claims: this.#claims,
      random: this.#parts.random,
      turn: this.#turn,
      downloader,
      supply: downloader.supply,
      readBytes: Math.max(layout.blockLengthBytes, this.#parts.downBytesPerSecond * READ_SECONDS),
      onReceived: (bytes) => this.#parts.onReceived(bytes),
      onFailure: ({ message, hint }, isOut) => this.#parts.onFailure({ message, hint, isOut, hasLied: false }),
    })
    this.#seeds.add(source)
    this.#labels.set(culpritOf(source), webSeed.label)
    sources.set(source.number, source)
    downloader.noteSender(source.number, culpritOf(source))
    this.#parts.onJoin(source)
    source.start()
    this.#begin()
  }

  /** Asks `webSeed` no more. With `isPatient` what is on its way from it still comes; without, it ends now. False if it is none of ours. */
  remove(webSeed: WebSeed, isPatient: boolean): boolean {
    const source = [...this.#seeds].find((known) => known.webSeed === webSeed)
    if (source === undefined) return false
    this.#seeds.delete(source)
    source.retire(isPatient)
    this.#leaving.add(source)
    this.#seeOff()
    this.#parts.downloader.fillAll()
    return true
  }

  /** Whoever stands behind `culprit` sent wrong data: a web seed is out for good, and is named once. False if it never was one. */
  ban(culprit: string): boolean {
    const label = this.#labels.get(culprit)
    if (label === undefined || this.#liars.has(culprit)) return label !== undefined
    this.#liars.add(culprit)
    const message = `${label} sent wrong data and is not asked again.`
    this.#all()
      .find((known) => culpritOf(known) === culprit)
      ?.exclude(message)
    this.#parts.onFailure({ message, isOut: true, hasLied: true })
    return true
  }

  /** `piece` is missing, and the first connected peer said that it has it. */
  onHeard(piece: number): void {
    this.#claims.onHeard(piece, this.#parts.clock.nowMs())
    for (const source of this.#seeds) source.onHeard(piece)
  }

  /** Called once a second. */
  onTick(nowMs: number): void {
    this.#look(nowMs)
    for (const source of this.#seeds) source.onTick()
    for (const source of this.#leaving) if (source.isOverdue(nowMs) && this.#isAwaited(source)) source.handOver()
    this.#seeOff()
    this.#lookOften()
  }

  /** The first turn comes when peers had the time to be found. */
  #begin(): void {
    if (this.#turn.isOurs || this.#timer !== undefined) return
    const waitMs = this.#startedMs + this.#parts.delayMs - this.#parts.clock.nowMs()
    if (waitMs > 0) {
      this.#timer = this.#parts.clock.after(waitMs, () => {
        this.#timer = undefined
        this.#begin()
      })
      return
    }
    this.#need.look(this.#parts.clock.nowMs())
    this.#turn.begin(this.#need.isShared ? this.#need.hosts : 1)
    for (const source of this.#seeds) source.onTick()
  }

  /** Asks idle web seeds again a few times before the next tick, while it is our turn at those that many share. */
  #lookOften(): void {
    this.#lookAgain?.cancel()
    const { downloader } = this.#parts
    if (downloader.isComplete || !this.#turn.isOurs || !this.#need.isShared || this.#seeds.size === 0) return
    this.#lookAgain = this.#parts.clock.after(LOOK_AGAIN_MS, () => {
      for (const source of this.#seeds) if (!source.isActive) source.onTick()
      this.#lookOften()
    })
  }

  /** Whose turn it is depends on what this second brought. */
  #look(nowMs: number): void {
    this.#need.look(nowMs)
    const { layout, delayMs } = this.#parts
    const { supply } = this.#parts.downloader
    const { downloadedBytes } = this
    const ownPieces = (downloadedBytes - this.#ownBytes) / layout.usualPieceBytes
    const heardPieces = supply.heardPieces - this.#heardPieces
    this.#ownBytes = downloadedBytes
    this.#heardPieces = supply.heardPieces
    if (this.#timer !== undefined || this.usable === 0 || nowMs < this.#startedMs + delayMs) return
    const { isStarving, isShared } = this.#need
    if (!isShared) this.#turn.begin(1)
    else this.#turn.onSecond({ hosts: this.#need.hosts, ownPieces, heardPieces, isStarving })
  }

  /** How each of them does, in the order in which they were added, and those that are leaving after the others. */
  status(): WebSeedStatus[] {
    const nowMs = this.#parts.clock.nowMs()
    return this.#all().map((source) => {
      const { webSeed, namedBy, standing, downMeter } = source
      const isLeaving = this.#leaving.has(source)
      const isOut = !isLeaving && this.#isOut(source)
      const retryInMs = !isLeaving && !isOut && standing.retryMs > nowMs ? standing.retryMs - nowMs : undefined
      const resting = retryInMs === undefined ? 'idle' : 'waiting'
      return {
        webSeed,
        label: webSeed.label,
        namedBy,
        state: isLeaving ? 'leaving' : isOut ? 'out' : source.isActive ? 'active' : resting,
        downloadedBytes: downMeter.totalBytes,
        bytesPerSecond: downMeter.bytesPerSecond(),
        strikes: standing.strikes,
        lastFailure: standing.lastFailure,
        retryInMs,
      }
    })
  }

  /** Ends everything that is on its way. */
  stop(): void {
    this.#timer?.cancel()
    this.#lookAgain?.cancel()
    for (const source of this.#all()) source.retire(false)
  }

  #all(): WebSeedSource[] {
    return [...this.#seeds, ...this.#leaving]
  }

  /** True for one that failed too often, and for one that has nothing of what is still to come. */
  #isOut({ standing, pieces }: WebSeedSource): boolean {
    if (standing.isOut) return true
    const { downloader } = this.#parts
    if (pieces === undefined || pieces.isComplete || downloader.isComplete) return false
    for (const piece of pieces.members()) if (downloader.isMissing(piece)) return false
    return true
  }

  /** True if somebody who has nothing to do could give some of what `leaving` owes. */
  #isAwaited(leaving: WebSeedSource): boolean {
    const { requests } = leaving
    for (const source of this.#parts.sources.values()) {
      if (source === leaving || source.isClosed || source.requests.size > 0) continue
      for (let position = 0; position < requests.size; position++) {
        const piece = requests.pieceAt(position)
        if (source.canGive(piece) && source.isWorthAsking(piece)) return true
      }
    }
    return false
  }

  #seeOff(): void {
    for (const source of this.#leaving) {
      if (source.isActive) continue
      this.#leaving.delete(source)
      this.#parts.sources.delete(source.number)
      this.#departedBytes += source.downMeter.totalBytes
      this.#parts.downloader.removePeer(source)
      this.#parts.onLeft(source.webSeed)
    }
  }
}

/** The name under which a web seed answers for what it sends. */
function culpritOf({ number }: WebSeedSource): string {
  return `web seed ${number}`
}
