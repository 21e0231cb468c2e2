import { Bitfield } from '../../base/bitfield.ts'
import { toHex } from '../../base/bytes.ts'
import { DistroError } from '../../base/errors.ts'
import type { Events } from '../../base/events.ts'
import { formatSeconds } from '../../base/format.ts'
import { secondsOf } from '../../base/seconds-of.ts'
import { systemClock } from '../../base/system-clock.ts'
import { parseIdentifier } from '../../torrent/identifier.ts'
import type { InfoDictionary } from '../../torrent/info.ts'
import { PieceGeometry } from '../../torrent/piece-geometry.ts'
import { checkOutputs } from '../check-outputs.ts'
import type { VerbEvents } from '../events.ts'
import { metadataEvent } from '../metadata-event.ts'
import { FetchWatch } from '../network/fetch-watch.ts'
import { NoPieces } from '../network/no-pieces.ts'
import { Participation } from '../network/participation.ts'
import { ProgressTicker } from '../progress-ticker.ts'
import { askPeers } from '../resolve/ask-peers.ts'
import { resolveTorrent, type SoughtTorrent } from '../resolve/resolve-torrent.ts'
import { unlessAborted } from '../waiting.ts'
import { type CopiesGoal, copiesGoalOf } from './copies-goal.ts'
import { CopyCount } from './copy-count.ts'
import { CopyReport } from './copy-report.ts'
import type { ExpectedHost } from './expected-hosts.ts'
import { prepareReports } from './prepare-reports.ts'
import { listFile, readExpectedHosts } from './read-expected-hosts.ts'
import type { WaitRequest, WaitResult } from './wait-request.ts'

const PERIOD_MS = 250

/** Waits until so many hosts hold a tree; see `WaitVerb`. */
export async function wait(request: WaitRequest, events: Events<VerbEvents>, signal: AbortSignal): Promise<WaitResult> {
  const identifier = parseIdentifier(request.id)
  await checkOutputs(
    { '--report': request.reportOut, '--report-junit': request.junitOut },
    { 'the .torrent': identifier.kind === 'path' ? identifier.path : undefined, '--expect': listFile(request.expected) },
  )
  const removeEarlierReports = await prepareReports(request)
  const expected = request.expected === undefined ? undefined : await readExpectedHosts(request.expected, signal)
  const goal = copiesGoalOf({ ...request, expected })
  const { network } = request
  // A server may let us wait and then fail: that is a run that failed, and no report is left which says that one went well.
  if (identifier.kind === 'url') await removeEarlierReports()
  const sought = await resolveTorrent(request.id, network.timeoutMs, events, signal)
  await removeEarlierReports()
  const identity = {
    infoHash: sought.infoHash,
    infoHashV2: sought.infoHashV2,
    isPrivate: sought.content?.info.isPrivate ?? false,
    trackers: sought.trackers,
    magnetPeers: sought.peers,
    bytesLeft: undefined,
    isBrief: true,
    copies: 'gathered' as const,
  }
  const participation = await Participation.join(network, identity, events)
  const run = new WaitRun({ request, sought, goal, expected, participation, events })
  try {
    return await run.wait(signal)
  } finally {
    run.stop()
    await participation.stop()
  }
}

interface WaitRunParts {
  readonly request: WaitRequest
  readonly sought: SoughtTorrent
  readonly goal: CopiesGoal
  readonly expected: readonly ExpectedHost[] | undefined
  readonly participation: Participation
  readonly events: Events<VerbEvents>
}

/** One wait: joins the swarm as one who counts and transfers nothing. */
class WaitRun {
  readonly #parts: WaitRunParts
  readonly #startedMs = systemClock.nowMs()
  readonly #count: CopyCount
  readonly #report: CopyReport
  readonly #ticker: ProgressTicker
  readonly #watch: FetchWatch
  #content: InfoDictionary | undefined
  #hasMetPeer = false
  #countedMs = this.#startedMs
  #settle: () => void = () => undefined

  constructor(parts: WaitRunParts) {
    this.#parts = parts
    const { request, sought, goal, expected, participation, events } = parts
    const { swarm } = participation
    const { reportOut, junitOut, network } = request
    this.#content = sought.content
    this.#report = new CopyReport({ path: reportOut, junitPath: junitOut, about: () => this.#about(), goal }, events)
    this.#count = new CopyCount(
      { swarm, goal, expected, contentBytes: () => this.#about().bytes ?? 0, onCopy: () => this.#onCopy() },
      events,
    )
    this.#ticker = new ProgressTicker({
      events,
      phase: () => 'wait',
      status: () => swarm.status(),
      localBytes: () => 0,
      copies: () => this.#count.copies,
      expected: () => this.#count.expected,
      inZones: () => this.#count.inZones,
    })
    this.#watch = new FetchWatch({
      clock: systemClock,
      startedMs: this.#startedMs,
      timeoutMs: network.timeoutMs,
      stallTimeoutMs: network.stallTimeoutMs,
      swarm,
      hasMetadata: () => this.#content !== undefined,
      search: () => participation.search,
    })
    participation.named.tellOfLoss()
    swarm.events.on('peer', (peer) => {
      if (peer.kind === 'connected') this.#onPeer()
      events.emit('peer', peer)
    })
    participation.warnIfAlone()
  }

  async wait(signal: AbortSignal): Promise<WaitResult> {
    const { events } = this.#parts
    try {
      await unlessAborted(Promise.race([this.#met(), this.#look(signal)]), signal).catch((error: unknown) => {
        if (!signal.aborted) throw error
      })
      this.#ticker.tell()
      await this.#writeReport(this.#count.isMet ? undefined : signal.reason)
      return this.#result()
    } catch (error) {
      await this.#writeReport(error).catch(({ message }: Error) => events.emit('warning', { message }))
      throw error
    }
  }

  stop(): void {
    this.#watch.stop()
    this.#ticker.stop()
    this.#count.stop()
  }

  /** Learns what is in the torrent, if it can be had, to see how far everybody is. Rejects when there is nobody; never resolves. */
  async #look(signal: AbortSignal): Promise<never> {
    const { participation, events, sought } = this.#parts
    const { swarm } = participation
    const content = this.#content ?? (await askPeers(participation, this.#watch, signal, sought))
    this.#content = content
    // Until somebody is there the watch says that nobody is.
    if (this.#hasMetPeer) this.#watch.stop()
    events.emit('metadata', metadataEvent(content))
    await participation.joinOthers(content)
    const layout = new PieceGeometry(content.info)
    const store = new NoPieces(layout.pieceCount)
    const none = new Bitfield(layout.pieceCount)
    swarm.setTorrent({ infoBytes: content.infoBytes, layout, store, wanted: none, servable: none })
    return this.#watch.hopeless
  }

  /** Resolves when there are enough, and rejects at a deadline. */
  #met(): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = systemClock.every(PERIOD_MS, () => this.#settle())
      this.#settle = () => {
        const failure = this.#count.isMet ? undefined : this.#failure()
        if (failure === undefined && !this.#count.isMet) return
        timer.cancel()
        this.#settle = () => undefined
        if (failure === undefined) resolve()
        else reject(failure)
      }
    })
  }

  #failure(): DistroError | undefined {
    const { timeoutMs, stallTimeoutMs } = this.#parts.request.network
    const nowMs = systemClock.nowMs()
    // While nobody came, or told what is in the torrent, the watch knows better what the matter is.
    const isSeen = (this.#content !== undefined && this.#hasMetPeer) || this.#count.copies > 0
    if (!isSeen) return undefined
    const hint = this.#count.hint(
      'Wait again with more time: hosts keep what they have verified, and those that told the seed stay counted while it runs.',
    )
    if (timeoutMs !== undefined && nowMs - this.#startedMs >= timeoutMs) {
      return new DistroError('INCOMPLETE', `The time of ${formatSeconds(timeoutMs / 1_000)} is over: ${this.#shortfall()}`, { hint })
    }
    if (stallTimeoutMs !== undefined && nowMs - this.#countedMs >= stallTimeoutMs) {
      return new DistroError('STALLED', `No copy was added for ${formatSeconds(stallTimeoutMs / 1_000)}: ${this.#shortfall()}`, { hint })
    }
    return undefined
  }

  #shortfall(): string {
    const { lost } = this.#parts.participation.named
    return lost === '' ? this.#count.shortfall() : `${this.#count.shortfall()} Whoever was asked has gone: ${lost}.`
  }

  #onPeer(): void {
    this.#hasMetPeer = true
    if (this.#content !== undefined) this.#watch.stop()
  }

  #onCopy(): void {
    this.#countedMs = systemClock.nowMs()
    // Copies that were counted are told of at a deadline, whatever else is not known.
    this.#watch.stop()
    this.#settle()
  }

  async #writeReport(failure?: unknown): Promise<void> {
    const hosts = this.#count.hosts()
    if (hosts !== undefined) this.#parts.events.emit('hosts', { hosts })
    await this.#report.write({ goalMet: this.#count.isMet, copies: this.#count.copies, expected: hosts, failure })
  }

  #about(): { readonly infoHash: Uint8Array; readonly name: string | null; readonly bytes: number | null } {
    const { infoHash, name } = this.#parts.sought
    return { infoHash, name: this.#content?.info.name ?? name ?? null, bytes: this.#content?.info.totalBytes ?? null }
  }

  #result(): WaitResult {
    const { infoHash, name, bytes } = this.#about()
    const seconds = secondsOf(systemClock.nowMs() - this.#startedMs)
    return { infoHash: toHex(infoHash), name, bytes, seconds, copies: this.#count.copies, goalMet: this.#count.isMet }
  }
}
