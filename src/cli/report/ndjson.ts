import type { HostRecord } from '../../app/copies/host-roll.ts'
import type { PeerEvent, ProgressEvent, ReadyEvent, VerbEvents } from '../../app/events.ts'
import { formatAddress, type PeerAddress } from '../../base/address.ts'
import type { Clock } from '../../base/clock.ts'
import type { Events } from '../../base/events.ts'
import { escapedJson } from '../escape-text.ts'
import type { Output } from '../world.ts'
import type { Failure, Reporter } from './reporter.ts'
import { hasEnd } from './sentences.ts'

const PROGRESS_PERIOD_MS = 1_000

/** One JSON object a line, for programs; docs/json-output.md is its reference. */
export class NdjsonReporter implements Reporter {
  readonly #output: Pick<Output, 'write'>
  readonly #clock: Clock
  readonly #now: () => Date
  readonly #wantsPeers: boolean
  #waiting: ProgressEvent | undefined
  #saidPhase: string | undefined
  #saidEnd = false
  #saidMs = 0

  constructor(output: Pick<Output, 'write'>, clock: Clock, now: () => Date, wantsPeers = true) {
    this.#output = output
    this.#clock = clock
    this.#now = now
    this.#wantsPeers = wantsPeers
  }

  follow(events: Events<VerbEvents>): void {
    events.on('ready', (ready) => this.record('ready', readyFields(ready)))
    events.on('metadata', (metadata) => this.record('metadata', metadata))
    events.on('progress', (progress) => this.#take(progress))
    events.on('peer', (peer) => {
      if (this.#wantsPeers) this.record('peer', peerFields(peer))
    })
    events.on('copies', ({ host, ...counts }) =>
      this.record('copies', { ...counts, host: { ...host, address: addressText(host.address) } }),
    )
    events.on('handover', (handover) => this.record('handover', handover))
    events.on('hosts', ({ hosts }) => {
      for (const host of hosts) this.record('host', hostFields(host))
    })
    events.on('switched', (switched) => this.record('switched', switched))
    events.on('releaseRemoved', (removed) => this.record('release-removed', removed))
    events.on('warning', (warning) => this.record('warning', warning))
    events.on('done', (done) => {
      this.#flush()
      this.record('done', done)
    })
  }

  /** Writes one event: its type, the time, and `fields`. */
  record(type: string, fields: object): void {
    this.#output.write(`${escapedJson({ type, time: this.#now().toISOString(), ...fields })}\n`)
  }

  say(): void {
    // Talk is for people; programs read the events.
  }

  fail(failure: Failure): void {
    const { code, message, hint, exitCode } = failure
    this.record('error', { code, message, hint: hint ?? null, exitCode })
  }

  stop(): void {
    this.#flush()
  }

  #take(progress: ProgressEvent): void {
    if (this.#waiting !== undefined && this.#waiting.phase !== progress.phase) this.#flush()
    this.#waiting = progress
    // The end of a phase is told before what follows from it, such as `metadata` from the last hash.
    const isEnd = hasEnd(progress) && progress.bytesDone >= progress.bytesTotal
    if (progress.phase !== this.#saidPhase || (isEnd && !this.#saidEnd) || this.#clock.nowMs() - this.#saidMs >= PROGRESS_PERIOD_MS)
      this.#flush()
  }

  #flush(): void {
    if (this.#waiting === undefined) return
    this.record('progress', this.#waiting)
    this.#saidPhase = this.#waiting.phase
    this.#saidEnd = this.#waiting.bytesDone >= this.#waiting.bytesTotal
    this.#saidMs = this.#clock.nowMs()
    this.#waiting = undefined
  }
}

function hostFields(host: HostRecord): object {
  return { ...host, address: addressText(host.address) }
}

function addressText(address: PeerAddress | null): string | null {
  return address === null ? null : formatAddress(address)
}

function readyFields(ready: ReadyEvent): object {
  return { ...ready, listen: ready.listen.map(formatAddress) }
}

function peerFields(peer: PeerEvent): object {
  return { ...peer, address: formatAddress(peer.address), client: peer.client ?? null, reason: peer.reason ?? null }
}
