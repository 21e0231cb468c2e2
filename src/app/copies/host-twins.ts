import type { CopyEvent } from '../../swarm/copy-exchange.ts'

/** Notices hosts that tell of their copy under one number and several names, such as two runs on one machine. */
export class HostTwins {
  /** The first name of each number; undefined once a second one was noticed. */
  readonly #firstNames = new Map<string, string | undefined>()

  /** The name under which the host was counted before, the first time that it comes under another one; `isNew` if it is counted now. */
  note({ hostId, hostName }: Pick<CopyEvent, 'hostId' | 'hostName'>, isNew: boolean): string | undefined {
    if (hostId === undefined || hostName === undefined) return undefined
    // Those that are not counted are not remembered either, lest strangers fill the memory.
    if (isNew) this.#firstNames.set(hostId, hostName)
    const first = this.#firstNames.get(hostId)
    if (first === undefined || first === hostName) return undefined
    this.#firstNames.set(hostId, undefined)
    return first
  }
}
