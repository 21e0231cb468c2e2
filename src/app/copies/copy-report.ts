import { formatAddress } from '../../base/address.ts'
import { toHex } from '../../base/bytes.ts'
import { DistroError } from '../../base/errors.ts'
import type { Events } from '../../base/events.ts'
import { formatCount, percentOf } from '../../base/format.ts'
import type { VerbEvents } from '../events.ts'
import { replaceFile } from '../replace-file.ts'
import type { CopiesGoal } from './copies-goal.ts'
import type { HostRecord } from './host-roll.ts'
import { type JunitCase, junitReport } from './junit-report.ts'

/** What a report is about. */
export interface CopyReportParts {
  /** Where it goes as JSON; absolute. Undefined writes none. */
  readonly path: string | undefined
  /** Where it goes as JUnit XML; absolute. Undefined writes none. */
  readonly junitPath: string | undefined
  about(): { readonly infoHash: Uint8Array; readonly name: string | null; readonly bytes: number | null }
  /** What was asked for. */
  readonly goal: CopiesGoal
}

/** How what is reported ended. */
export interface CopyReportEnd {
  readonly goalMet: boolean
  /** Hosts that count. */
  readonly copies: number
  /** The hosts that were on a list; undefined without one. */
  readonly expected: readonly HostRecord[] | undefined
  /** Why it did not end well, if it did not. */
  readonly failure?: unknown
}

/** One host of a report. */
interface ReportedHost {
  readonly id: string | null
  readonly name: string | null
  readonly zone: string | null
  readonly address: string | null
  readonly at: string
  readonly isFromEarlierRun: boolean
}

/** Gathers which hosts hold the tree, and writes it down for other programs when the seed or the wait ends. */
export class CopyReport {
  readonly #parts: CopyReportParts
  readonly #hosts: ReportedHost[] = []
  readonly #startedAt = new Date()

  constructor(parts: CopyReportParts, events: Events<VerbEvents>) {
    this.#parts = parts
    events.on('copies', ({ host, countedAt: at, isFromEarlierRun }) => {
      const { id, name, zone, address } = host
      this.#hosts.push({ id, name, zone, address: address === null ? null : formatAddress(address), at, isFromEarlierRun })
    })
  }

  /** Writes how it ended. Throws DISK_FULL or DISK_FAILED. */
  async write(end: CopyReportEnd): Promise<void> {
    const { path, junitPath } = this.#parts
    const endedAt = new Date()
    if (path !== undefined) await replaceFile(path, `${JSON.stringify(this.#forPrograms(end, endedAt), undefined, 2)}\n`)
    if (junitPath === undefined) return
    const cases = [
      this.#goalCase(end, endedAt),
      ...(end.expected?.map((host) => this.#expectedCase(host, end, endedAt)) ?? this.#countedCases()),
    ]
    const seconds = this.#secondsTo(endedAt)
    const { infoHash, name } = this.#parts.about()
    await replaceFile(junitPath, junitReport({ name: name ?? toHex(infoHash), startedAt: this.#startedAt, seconds, cases }))
  }

  #forPrograms({ goalMet, copies, expected, failure }: CopyReportEnd, endedAt: Date): object {
    const { goal } = this.#parts
    const { infoHash, name, bytes } = this.#parts.about()
    return {
      version: 1,
      infoHash: toHex(infoHash),
      name,
      bytes,
      startedAt: this.#startedAt.toISOString(),
      endedAt: endedAt.toISOString(),
      goal: goal.copies ?? null,
      goalInZones: goal.inZones ?? null,
      goalMet,
      error: failure === undefined ? null : failure instanceof DistroError ? failure.code : 'INTERNAL',
      copies,
      hosts: this.#hosts,
      expected: expected?.map((host) => ({ ...host, address: host.address === null ? null : formatAddress(host.address) })) ?? null,
    }
  }

  /** What decides the exit code, so that the suite fails exactly when the run does. */
  #goalCase({ goalMet, copies, failure }: CopyReportEnd, endedAt: Date): JunitCase {
    const { copies: wanted, inZones } = this.#parts.goal
    const total = wanted === undefined ? [] : [`copies: ${wanted}`]
    const zones = inZones === undefined ? [] : [`copies in each of ${formatCount(inZones.zones.length, 'zone')}: ${inZones.copies}`]
    const goals = [...total, ...zones]
    const name = goals.length === 0 ? 'no number of copies was asked for' : goals.join(', ')
    const usual = { name, group: 'goal', seconds: this.#secondsTo(endedAt) }
    // Without a goal there is no other end than to be stopped.
    const wasStopped = failure instanceof DistroError && (failure.code === 'INTERRUPTED' || failure.code === 'TERMINATED')
    if (goalMet || (goals.length === 0 && (failure === undefined || wasStopped))) return { ...usual, verdict: 'passed' }
    const message = failure instanceof Error ? failure.message : `It was stopped with ${copies}.`
    return { ...usual, verdict: 'failed', message }
  }

  /** A host that is missing fails the suite only if it was needed. */
  #expectedCase({ name, zone, state, progress, address, completeAt }: HostRecord, { goalMet }: CopyReportEnd, endedAt: Date): JunitCase {
    const seconds = this.#secondsTo(completeAt === null ? endedAt : new Date(completeAt))
    const usual = { name, group: zone ?? 'hosts', seconds }
    if (state === 'complete') return { ...usual, verdict: 'passed' }
    const share = `${percentOf(progress, 1)} %`
    const missing = address === null ? 'missing, never seen' : `missing, left with ${share}`
    const message = state === 'arriving' ? `on its way, ${share}` : missing
    return { ...usual, verdict: goalMet ? 'skipped' : 'failed', message }
  }

  #countedCases(): readonly JunitCase[] {
    return this.#hosts.map(({ id, name, zone, address, at }) => {
      return { name: name ?? id ?? address ?? 'a host', group: zone ?? 'hosts', seconds: this.#secondsTo(new Date(at)), verdict: 'passed' }
    })
  }

  /** 0 for what was before this run. */
  #secondsTo(time: Date): number {
    return Math.max(0, time.getTime() - this.#startedAt.getTime()) / 1_000
  }
}
