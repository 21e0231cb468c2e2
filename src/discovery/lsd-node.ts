/**
 * Local service discovery (BEP 14), one for all transfers of the process: whoever has the same info-hash on the same network hears us and
 * dials, or we hear them and dial. Nothing is said about transfers that did not join, and multicast that does not work is no failure.
 */
import type { PeerAddress } from '../base/address.ts'
import { fromHex, toHex } from '../base/bytes.ts'
import type { Clock, Timer } from '../base/clock.ts'
import { mayDial } from '../base/network-scope.ts'
import type { Random } from '../base/random.ts'
import { systemClock } from '../base/system-clock.ts'
import { systemRandom } from '../base/system-random.ts'
import { DatagramQuota } from './datagram-quota.ts'
import { decodeLsdMessage, encodeLsdMessage } from './lsd-message.ts'
import { LSD_PORT, type LsdSocket, lsdInterfaces, openLsdSocket } from './lsd-socket.ts'

/** How local discovery is set up. */
export interface LsdNodeOptions {
  /** `::` for every interface, `0.0.0.0` for every IPv4 one, or one address of ours. */
  readonly host: string
  /** The TCP port on which we take peers. */
  readonly listenPort: number
  /** The UDP port of the group; other than 6771 only in tests. */
  readonly groupPort?: number
  readonly clock?: Clock
  readonly random?: Random
}

/** One transfer that takes part. */
export interface LsdMember {
  onPeer(address: PeerAddress): void
  /** It was announced for the first time. */
  onAnnounced(): void
  /** Multicast does not work on any interface. */
  onUnavailable(): void
}

interface Membership {
  readonly member: LsdMember
  announcedMs: number | undefined
}

const ANNOUNCE_PERIOD_MS = 5 * 60_000
/** BEP 14 asks for one announcement a minute at most, to spare large networks. */
const PAUSE_MS = 60_000
const INFO_HASHES_A_MESSAGE = 20

export class LsdNode {
  readonly #options: LsdNodeOptions
  readonly #clock: Clock
  readonly #cookie: string
  readonly #quota: DatagramQuota
  readonly #members = new Map<string, Membership>()
  #sockets: Promise<readonly LsdSocket[]> | undefined
  #timer: Timer | undefined
  #announcedMs = Number.NEGATIVE_INFINITY

  constructor(options: LsdNodeOptions) {
    this.#options = options
    this.#clock = options.clock ?? systemClock
    this.#cookie = toHex((options.random ?? systemRandom).bytes(8))
    this.#quota = new DatagramQuota(this.#clock)
  }

  /** Takes part with `infoHash` (20 bytes) until `leave`: announces it now or within a minute, and every 5 minutes. */
  async join(infoHash: Uint8Array, member: LsdMember): Promise<void> {
    this.#members.set(toHex(infoHash), { member, announcedMs: undefined })
    this.#sockets ??= this.#open()
    const sockets = await this.#sockets
    if (sockets.length === 0) member.onUnavailable()
    else this.#schedule()
  }

  /** Takes no more part with `infoHash`; the last one to leave closes the sockets. */
  async leave(infoHash: Uint8Array): Promise<void> {
    this.#members.delete(toHex(infoHash))
    if (this.#members.size > 0) return
    this.#timer?.cancel()
    const sockets = this.#sockets
    this.#sockets = undefined
    for (const socket of (await sockets) ?? []) socket.close()
  }

  async #open(): Promise<readonly LsdSocket[]> {
    const { host, groupPort = LSD_PORT } = this.#options
    const opening = lsdInterfaces(host).map((each) => openLsdSocket(each, groupPort, (bytes, from) => this.#receive(bytes, from)))
    return (await Promise.all(opening)).filter((socket) => socket !== undefined)
  }

  /** Waits until the next announcement is due. */
  #schedule(): void {
    this.#timer?.cancel()
    const dueMs = [...this.#members.values()].map(({ announcedMs }) => (announcedMs === undefined ? 0 : announcedMs + ANNOUNCE_PERIOD_MS))
    if (dueMs.length === 0) return
    const nextMs = Math.max(Math.min(...dueMs), this.#announcedMs + PAUSE_MS)
    this.#timer = this.#clock.after(Math.max(0, nextMs - this.#clock.nowMs()), () => void this.#announce())
  }

  async #announce(): Promise<void> {
    const nowMs = this.#clock.nowMs()
    this.#announcedMs = nowMs
    const chosen = [...this.#members]
      .filter(([, { announcedMs }]) => announcedMs === undefined || nowMs - announcedMs >= PAUSE_MS)
      .sort(([, left], [, right]) => (left.announcedMs ?? -1) - (right.announcedMs ?? -1))
      .slice(0, INFO_HASHES_A_MESSAGE)
    const infoHashes = chosen.map(([key]) => fromHex(key) ?? new Uint8Array())
    const hasLeft = (await this.#sockets)?.map(({ group, send }) =>
      send(encodeLsdMessage(group, this.#options.listenPort, infoHashes, this.#cookie)),
    )
    const isHeard = (await Promise.all(hasLeft ?? [])).some((left) => left)
    for (const [key, membership] of chosen) {
      const isFirst = membership.announcedMs === undefined
      membership.announcedMs = nowMs
      if (isFirst && isHeard && this.#members.get(key) === membership) membership.member.onAnnounced()
    }
    this.#schedule()
  }

  #receive(bytes: Uint8Array, from: PeerAddress): void {
    if (!this.#quota.take(from.host)) return
    const message = decodeLsdMessage(bytes)
    if (!message.ok || message.value.cookie === this.#cookie) return
    const address = { host: from.host, port: message.value.port }
    if (!mayDial(address, 'host')) return
    for (const infoHash of message.value.infoHashes) this.#members.get(infoHash)?.member.onPeer(address)
  }
}
