import { formatAddress } from '../base/address.ts'
import { toHex } from '../base/bytes.ts'
import { DistroError } from '../base/errors.ts'
import type { Events } from '../base/events.ts'
import type { Metainfo } from '../torrent/info.ts'
import type { VerbEvents } from './events.ts'
import type { HostRecord } from './host-roll.ts'
import { replaceFile } from './replace-file.ts'

/** What a report is about. */
export interface CopyReportParts {
  /** Where it goes; absolute. */
  readonly path: string
  readonly metainfo: Pick<Metainfo, 'infoHash' | 'info'>
  /** Hosts that were asked for; undefined when no number was. */
  readonly goal: number | undefined
}

/** One host of a report. */
interface ReportedHost {
  readonly id: string | null
  readonly name: string | null
  readonly zone: string | null
  readonly address: string
  readonly at: string
}

/** Gathers which hosts hold the tree, and writes it down for other programs when the seed ends. */
export class CopyReport {
  readonly #parts: CopyReportParts
  readonly #hosts: ReportedHost[] = []
  readonly #startedAt: string

  constructor(parts: CopyReportParts, events: Events<VerbEvents>) {
    this.#parts = parts
    this.#startedAt = time()
    events.on('copies', ({ host }) => {
      this.#hosts.push({ id: host.id, name: host.name, zone: host.zone, address: formatAddress(host.address), at: time() })
    })
  }

  /**
   * Writes how the seed ended; `expected` are the hosts that were on a list, and `failure` is why it did not end well. Throws DISK_FULL or
   * DISK_FAILED.
   */
  async write(goalMet: boolean, expected?: readonly HostRecord[], failure?: unknown): Promise<void> {
    const { path, metainfo, goal } = this.#parts
    const { info, infoHash } = metainfo
    const report = {
      version: 1,
      infoHash: toHex(infoHash),
      name: info.name,
      bytes: info.totalBytes,
      startedAt: this.#startedAt,
      endedAt: time(),
      goal: goal ?? null,
      goalMet,
      error: failure === undefined ? null : failure instanceof DistroError ? failure.code : 'INTERNAL',
      copies: this.#hosts.length,
      hosts: this.#hosts,
      expected: expected?.map((host) => ({ ...host, address: host.address === null ? null : formatAddress(host.address) })) ?? null,
    }
    await replaceFile(path, `${JSON.stringify(report, undefined, 2)}\n`)
  }
}

function time(): string {
  return new Date().toISOString()
}
